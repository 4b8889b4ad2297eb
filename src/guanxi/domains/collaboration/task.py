"""Task 任务: something a person is to do by a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from guanxi.domains.collaboration.about import fill_people
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import (
    Action,
    Board,
    Calendar,
    ObjectDeclaration,
    Outcome,
    Preset,
    Section,
    Stream,
)
from guanxi.schema.fields import option
from guanxi.schema.record import OwnedRecord, Record
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor

LIVE = models.Q(deleted_at__isnull=True)
UNFINISHED = ("open", "in_progress")

STATUSES = (
    option("open", "Open", "未开始", "gray"),
    option("in_progress", "In progress", "进行中", "blue"),
    option("done", "Done", "已完成", "green"),
    option("cancelled", "Cancelled", "已取消", "yellow"),
)

PRIORITIES = (
    option("high", "High", "高", "red"),
    option("normal", "Normal", "中", "blue"),
    option("low", "Low", "低", "gray"),
)


class TaskRules(ObjectRules):
    """The time of completion follows the status; a reminder set anew is given anew."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            if draft.changed("remind_at") and not draft.created:
                draft.set("reminded_at", None)
            if draft.get("status") != "done":
                if draft.get("completed_at") is not None:
                    draft.set("completed_at", None)
            elif draft.get("completed_at") is None:
                draft.set("completed_at", door.now)
        fill_people(drafts)


def complete(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """The task is done."""
    door.update("task", record.pk, {"status": "done"})
    return Outcome(_("Task completed."))


def reopen(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """The task is to be done after all."""
    door.update("task", record.pk, {"status": "open"})
    return Outcome(_("Task reopened."))


def _unfinished(record: Any) -> bool:
    return record.status in UNFINISHED


class Task(OwnedRecord):
    """Something a person, the owner, is to do by a day."""

    subject = fields.text("Subject", "任务主题", required=True, max_length=200)
    status = fields.select("Status", "状态", STATUSES, default="open", required=True)
    priority = fields.select("Priority", "优先级", PRIORITIES, default="normal")
    owner = fields.owner("Assignee", "执行人")
    due_on = fields.date("Due", "截止日期")
    remind_at = fields.datetime("Remind at", "提醒时间")
    reminded_at = fields.datetime("Reminded", "已提醒时间", hidden=True, read_only=True)
    completed_at = fields.datetime("Completed", "完成时间", read_only=True)
    about = fields.reference("About", "关联记录")
    account = fields.lookup("Account", "客户", "account", "customers.Account")
    contact = fields.lookup("Contact", "联系人", "contact", "customers.Contact")
    description = fields.long_text("Description", "任务描述")

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], condition=LIVE, name="task_recent"),
            models.Index(fields=["owner", "status", "due_on", "id"], condition=LIVE, name="task_owner_due"),
            models.Index(fields=["status", "due_on", "id"], condition=LIVE, name="task_due"),
            models.Index(fields=["due_on", "id", "owner", "deleted_at"], condition=LIVE, name="task_calendar"),
        ]

    class Declaration(ObjectDeclaration):
        key = "task"
        label, plural = Label("Task", "任务"), Label("Tasks", "任务")
        icon = "checkbox"
        area, order = "collaboration", 75
        title = "subject"
        list_columns = ("subject", "status", "priority", "due_on", "account", "about", "owner")
        default_sort = "due_on"
        highlights = ("status", "priority", "due_on", "account", "owner")
        sections = (
            Section(
                Label("Task", "任务信息"),
                ("subject", "status", "priority", "due_on", "remind_at", "completed_at", "owner", "description"),
            ),
            Section(Label("About", "关联信息"), ("about", "account", "contact")),
        )
        search = ("subject", "description")
        quick = ("subject", "due_on", "priority", "owner", "account")
        board = Board(group="status", card=("priority", "due_on", "account", "owner"), age="created_at")
        calendar = Calendar(start="due_on", color="priority")
        presets = (
            Preset("mine", Label("My open tasks", "我的待办"), "owner:me status:open,in_progress", "due_on"),
            Preset("today", Label("Due today", "今日到期"), "owner:me status:open,in_progress due_on:today", "due_on"),
            Preset("overdue", Label("Overdue", "已逾期"), "status:open,in_progress due_on<today", "due_on"),
            Preset("week", Label("This week", "本周任务"), "status:open,in_progress due_on:this_week", "due_on"),
            Preset("done", Label("Done", "已完成"), "status:done", "-completed_at"),
        )
        actions = (
            Action(
                "complete", Label("Complete", "完成"), "check", complete,
                available=_unfinished, right="change_state", primary=True,
            ),
            Action(
                "reopen", Label("Reopen", "重新打开"), "refresh", reopen,
                available=lambda record: not _unfinished(record), right="change_state",
            ),
        )  # fmt: skip
        rules = TaskRules
        inherits = ("about", "account", "contact")
        stream = Stream(moment="created_at", via=("about", "account", "contact"), body="description", sort="status")
