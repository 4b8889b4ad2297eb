"""The English half of :mod:`guanxi.project.demo.stories`."""

from __future__ import annotations

OPENINGS: dict[str, tuple[str, ...]] = {
    "call": (
        "Called {who}, {minutes} minutes.",
        "Short call with {who}, who was on the shop floor.",
        "{who} rang back.",
        "Phone conference with {who} and {dept}.",
        "Call number {n} with {who}.",
    ),
    "mail": (
        "Sent {who} the {offer} documents.",
        "Mail from {who} with questions on {offer}.",
        "Sent the revised proposal to {who}, copy to {dept}.",
        "Sent the minutes of our last meeting to {who}.",
    ),
    "sms": ("Message to {who}.", "{who} wrote that they are travelling.", "Sent {who} the {offer} video."),
    "meeting": (
        "Video meeting with {who} and {n} people from {dept}.",
        "Workshop on {offer} with {who}.",
        "{who} visited our demo line.",
        "Met {who} and {dept} at their office.",
    ),
    "visit": (
        "Visited {who} and walked through {line}.",
        "On site with a solution engineer to look at {line}.",
        "Dropped by at {who}'s, talked for {minutes} minutes.",
    ),
    "note": ("Internal note:", "Heard from {dept}:", "After talking to our solutions team:"),
}

MATTERS: dict[int, tuple[str, ...]] = {
    0: (
        "The system runs well and {dept} is happy.",
        "They may extend {line} next year.",
        "Asked about spare parts and warranty.",
        "{n} short stops last month; service will check.",
        "They would host a reference visit.",
        "The new head of {dept} wants to know our other products.",
    ),
    1: (
        "Spare parts for {line} are hard to get, so they consider replacing it.",
        "A project around {offer} is planned, budget not yet approved.",
        "Introduced us and {offer}; they want a reference from their own industry.",
        "Also talking to {rival}, no preference yet.",
        "Need is still vague, they want something to show to {boss}.",
        "They want to save {n} night-shift positions.",
    ),
    2: (
        "Went through the signal list, about {n}0 points and {n} cameras.",
        "Cycle time must be under {minutes} seconds.",
        "{dept} wants a connection to the ERP.",
        "Got the layout of {line}.",
        "They prefer a pilot on one line first.",
        "At most {n} days of downtime, only in the holiday shutdown.",
        "{rival} presented as well but does not know the site.",
    ),
    3: (
        "Presented the {offer} concept; {dept} agrees with the architecture.",
        "Our price is felt to be {percent} % too high; they ask for a split.",
        "They want two reference customers.",
        "Sample test gave {good} %, one more batch to be tested.",
        "{rival} is {percent} % lower but without implementation.",
        "Specification is at revision {n}; acceptance criteria still open.",
        "They ask for a return-on-investment calculation.",
    ),
    4: (
        "Last round on price, they want another {percent} %.",
        "Payment terms are the open point.",
        "Technical review done, we are ranked first.",
        "Purchasing asks for {n} years of warranty.",
        "Legal has remarks on the penalty clause.",
        "The investment is with the group board, decision within {n} weeks.",
    ),
    5: (
        "Contract text is agreed, waiting for signatures.",
        "Purchase order is in their system.",
        "Delivery address and invoicing confirmed.",
        "Kick-off set for next week with {dept}.",
        "The signed copy should be back within {n} days.",
    ),
}

OUTCOMES: dict[str, tuple[str, ...]] = {
    "positive": (
        "Very positive, talk again next week.",
        "They will push this internally.",
        "They will introduce us to {boss}.",
        "We are their first choice.",
    ),
    "neutral": ("They will discuss and come back to us.", "No decision yet.", "Follow up in {n} days.", ""),
    "negative": (
        "Not happy with the price; at risk.",
        "They lean towards {rival}.",
        "No budget for now.",
        "New management, we have to start over.",
    ),
    "no_answer": ("No answer, will try later.", "In a meeting, no time to talk.", "Left a message."),
    "agreed": (
        "Demo agreed for next week.",
        "Workshop date fixed.",
        "They will answer in writing by Friday.",
        "Terms to be settled by the end of the month.",
    ),
}
