"""``guanxi audit verify``: prove that nothing in the audit log was changed, removed or added past the program."""

from __future__ import annotations

import argparse
from typing import Any

REASONS = {
    "changed": "the event was changed after it was written",
    "missing": "at least one event before this place was removed",
    "reordered": "the event does not follow the one before it",
    "cut": "events were removed from the end, or added past it",
    "head": "the seal at the end is not ours",
    "unknown": "no event has the fingerprint you expect",
}


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("audit", help="verify the audit log")
    parser.add_argument("what", choices=["verify"])
    parser.add_argument("--expect", default="", help="a fingerprint noted earlier: the log must still hold that event")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when the chain holds, 1 when it does not."""
    from guanxi.project.django_start import start

    start()
    from guanxi.access import audit

    finding = audit.verify(arguments.expect)
    if finding.holds:
        print(f"The audit log is whole: {finding.count:,} events. Fingerprint of the last: {finding.digest}")
        return 0
    print(f"The audit log is broken at place {finding.sequence}: {REASONS[finding.reason]}.")
    return 1
