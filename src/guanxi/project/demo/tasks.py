"""The demo's tasks: some done, some overdue, some for today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from guanxi.project.demo.companies import Company
from guanxi.project.demo.deals import Deal
from guanxi.project.demo.dice import Dice, workday

_SUBJECTS = (
    *("准备{brand}报价单", "给{brand}寄样机", "确认{brand}预算审批进度", "整理{brand}技术协议", "预约{brand}高层拜访"),
    *(
        "更新{brand}投资回报测算",
        "跟进{brand}合同用印",
        "安排{brand}参观样板工厂",
        "回复{brand}商务条款",
        "提交{brand}现场勘查报告",
    ),
)
_SUBJECTS_EN = (
    *("Prepare quotation for {brand}", "Send samples to {brand}", "Check budget approval at {brand}"),
    *("Update ROI calculation for {brand}", "Arrange reference visit for {brand}", "Answer {brand} on contract terms"),
)
_DETAILS = ("注意抄送方案部。", "客户要求本周内完成。", "先与区域总监确认折扣。", "参考上次版本。")


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """A task before it is written."""

    deal: int
    owner: str
    subject: str
    created: datetime
    due: date
    status: str
    priority: str
    completed: datetime | None
    description: str


def make_tasks(dice: Dice, deals: list[Deal], companies: list[Company], count: int, today: date) -> list[TaskPlan]:
    """About ``count`` tasks: three fifths on living deals with due days around today, the rest done in the past."""
    living = [index for index, deal in enumerate(deals) if deal.status == "open"] or list(range(len(deals)))
    closed = [index for index, deal in enumerate(deals) if deal.status != "open"] or living
    tasks = [_task(dice, dice.pick(living), deals, companies, today, done=False) for _number in range(count * 3 // 5)]
    tasks += [_task(dice, dice.pick(closed), deals, companies, today, done=True) for _number in range(count * 2 // 5)]
    return sorted(tasks, key=lambda task: task.created)


def _task(dice: Dice, index: int, deals: list[Deal], companies: list[Company], today: date, *, done: bool) -> TaskPlan:
    deal = deals[index]
    company = companies[deal.company]
    subject = dice.pick(_SUBJECTS if company.chinese else _SUBJECTS_EN).format(brand=company.brand)
    completed = None
    if done:
        last = (deal.closed_on or today - timedelta(days=1)) - timedelta(days=1)
        created = dice.moment(deal.created.date(), max(deal.created.date(), last))
        due = workday(created.date() + timedelta(days=dice.whole(2, 9)))
        late = dice.whole(-2, 2) if dice.chance(0.8) else dice.whole(3, 9)
        finished = min(max(created.date(), due + timedelta(days=late)), today - timedelta(days=1))
        completed = max(created, datetime.combine(finished, time(17, dice.whole(0, 59))))
        status = "done"
    else:
        offset = dice.weigh({-9: 3.0, -4: 4.0, -2: 4.0, -1: 5.0, 0: 12.0, 1: 9.0, 2: 7.0, 4: 7.0, 7: 6.0, 12: 4.0})
        due = today + timedelta(days=offset)
        first = max(deal.created.date(), min(due, today) - timedelta(days=12))
        created = dice.moment(first, max(first, min(due, today - timedelta(days=1))))
        status = dice.weigh({"open": 70.0, "in_progress": 26.0, "cancelled": 4.0})
    created = max(created, deal.created)
    priority = dice.weigh({"high": 25.0, "normal": 60.0, "low": 15.0})
    description = dice.pick(_DETAILS) if company.chinese and dice.chance(0.4) else ""
    return TaskPlan(index, deal.owner, subject, created, due, status, priority, completed, description)
