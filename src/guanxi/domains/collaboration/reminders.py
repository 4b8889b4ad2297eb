"""Reminders of tasks: at the time set, the assignee is told once."""

from __future__ import annotations

from guanxi.access.actor import Actor
from guanxi.domains.collaboration.task import UNFINISHED, Task
from guanxi.engine import write
from guanxi.engine.notifications import notify
from guanxi.kernel import clock
from guanxi.kernel.labels import Label

AT_ONCE = 500


def remind() -> int:
    """Tell the assignees of all unfinished tasks whose time has come; how many. Safe to call again at any moment."""
    due = Task.objects.filter(deleted_at=None, status__in=UNFINISHED, reminded_at=None, remind_at__lte=clock.now())
    tasks = list(due.exclude(owner=None).order_by("remind_at").values_list("pk", "subject", "owner_id")[:AT_ONCE])
    if not tasks:
        return 0
    with write.change(Actor.program(), cause="reminder") as door:
        door.update_many("task", [pk for pk, _subject, _owner in tasks], {"reminded_at": clock.now()})
        for pk, subject, owner in tasks:
            notify([owner], Label(f"Reminder: {subject}", f"提醒：{subject}"), "task", pk, kind="reminder")
    return len(tasks)
