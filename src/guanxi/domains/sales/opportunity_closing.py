"""The verbs that end an opportunity or bring it back: win, lose, void, reopen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.kernel import clock
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import Action, Outcome
from guanxi.schema.fields import option
from guanxi.schema.record import Record
from guanxi.schema.rules import WriteDoor

LOST_REASONS = (
    option("price", "Price too high", "价格过高", "red"),
    option("competitor", "Competitor chosen", "竞争对手中标", "orange"),
    option("function", "Product does not fit", "产品功能不满足", "purple"),
    option("budget", "No budget", "预算取消", "yellow"),
    option("postponed", "Project postponed", "项目延期", "blue"),
    option("no_decision", "No decision", "客户未决策", "gray"),
    option("relationship", "No access to decision makers", "客情关系不足", "pink"),
    option("delivery", "Delivery time", "交期不满足", "cyan"),
    option("service", "Service or references", "服务或案例不足", "teal"),
    option("not_recorded", "Not recorded", "未记录", "gray"),
    option("other", "Other", "其他", "gray"),
)


def win(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """The customer has ordered."""
    door.update("opportunity", record.pk, {"status": "won", **_given(inputs, "amount", "closed_on")})
    return Outcome(_("Won. Congratulations!"))


def lose(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """The customer has decided otherwise; a reason is needed."""
    values = _given(inputs, "lost_reason", "lost_to", "lost_note", "closed_on")
    door.update("opportunity", record.pk, {"status": "lost", **values})
    return Outcome(_("Marked as lost."))


def void(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """It never was an opportunity: it counts neither as won nor as lost."""
    door.update("opportunity", record.pk, {"status": "void", **_given(inputs, "lost_note")})
    return Outcome(_("Marked as void."))


def reopen(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """It goes on after all, from the open stage it stood in last."""
    door.update("opportunity", record.pk, {"status": "open"})
    return Outcome(_("Reopened."))


def _given(inputs: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: inputs[key] for key in keys if inputs.get(key) is not None}


def _is_open(record: Any) -> bool:
    return bool(record.status == "open")


def _closing_day(record: Any) -> dict[str, Any]:
    return {"closed_on": clock.today()}


def _amount_and_day(record: Any) -> dict[str, Any]:
    return {"amount": record.amount, "closed_on": clock.today()}


CLOSING_ACTIONS = (
    Action(
        "win", Label("Win", "赢单"), "trophy", win, prefill=_amount_and_day, available=_is_open,
        right="change_state", primary=True,
        inputs={
            "amount": fields.virtual("money", "Amount", "成交金额", required=True, minimum=0),
            "closed_on": fields.virtual("date", "Closed on", "成交日期", required=True),
        },
    ),
    Action(
        "lose", Label("Lose", "输单"), "mood-sad", lose, prefill=_closing_day, available=_is_open,
        right="change_state",
        inputs={
            "lost_reason": fields.virtual("select", "Reason", "输单原因", options=LOST_REASONS, required=True),
            "lost_to": fields.virtual("lookup", "Lost to", "输给对手", target="competitor"),
            "lost_note": fields.virtual("long_text", "What happened", "输单说明"),
            "closed_on": fields.virtual("date", "Closed on", "关闭日期", required=True),
        },
    ),
    Action(
        "void", Label("Void", "作废"), "ban", void, available=_is_open, right="change_state",
        inputs={"lost_note": fields.virtual("long_text", "Why", "作废说明", required=True)},
    ),
    Action(
        "reopen", Label("Reopen", "重新打开"), "refresh", reopen,
        available=lambda record: not _is_open(record), right="change_state",
    ),
)  # fmt: skip
