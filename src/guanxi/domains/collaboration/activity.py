"""Activity 跟进记录: one contact with a customer, or a note about it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models

from guanxi.domains.collaboration.about import fill_people
from guanxi.domains.collaboration.contact_dates import update_dates
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import Calendar, ObjectDeclaration, Preset, Section, Stream
from guanxi.schema.fields import option
from guanxi.schema.record import OwnedRecord
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor

LIVE = models.Q(deleted_at__isnull=True)
SUBJECT_LENGTH = 80

KINDS = (
    option("call", "Call", "电话", "green"),
    option("mail", "Mail", "邮件", "blue"),
    option("sms", "Message", "短信", "cyan"),
    option("meeting", "Meeting", "会议", "purple"),
    option("visit", "Visit", "拜访", "orange"),
    option("note", "Note", "备注", "gray"),
)

DIRECTIONS = (option("out", "Outgoing", "呼出/发出"), option("in", "Incoming", "呼入/收到"))

RESULTS = (
    option("positive", "Positive", "意向积极", "green"),
    option("neutral", "Neutral", "一般", "gray"),
    option("negative", "Negative", "意向消极", "red"),
    option("no_answer", "Not reached", "未联系上", "yellow"),
    option("agreed", "Agreed on next step", "已约定下一步", "blue"),
)


class ActivityRules(ObjectRules):
    """Fills what can be known, and keeps the contact dates of the records concerned."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            if draft.get("happened_at") is None:
                draft.set("happened_at", door.now)
            if not draft.get("kind"):
                draft.set("kind", "note")
            if not draft.get("subject"):
                draft.set("subject", _subject(draft))
        fill_people(drafts)

    def after(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        update_dates(drafts, Activity.objects.all(), door)


def _subject(draft: Draft) -> str:
    """The first line of the content, shortened; the kind when there is none."""
    content = (draft.get("content") or "").strip()
    if content:
        line: str = content.splitlines()[0].strip()
        return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1].rstrip() + "…"
    return next((str(kind.label) for kind in KINDS if kind.key == draft.get("kind")), str(draft.kind.label))


class Activity(OwnedRecord):
    """One contact with a customer, or a note."""

    kind = fields.select("Kind", "跟进方式", KINDS, default="note", required=True)
    subject = fields.text(
        "Subject", "主题", max_length=200,
        help=("Taken from the content when left empty.", "留空时取自跟进内容。"),
    )  # fmt: skip
    content = fields.long_text("Content", "跟进内容")
    happened_at = fields.datetime("Time", "跟进时间")
    duration = fields.integer("Duration (minutes)", "时长（分钟）", minimum=0, maximum=10_080)
    direction = fields.select("Direction", "方向", DIRECTIONS)
    result = fields.select("Result", "跟进结果", RESULTS)
    about = fields.reference("About", "关联记录")
    account = fields.lookup("Account", "客户", "account", "customers.Account")
    contact = fields.lookup("Contact", "联系人", "contact", "customers.Contact")
    next_contact_on = fields.date("Next contact", "下次联系日期")

    class Meta:
        indexes = [
            models.Index(fields=["-happened_at", "-id"], condition=LIVE, name="activity_recent"),
            models.Index(fields=["owner", "-happened_at", "-id"], condition=LIVE, name="activity_owner_recent"),
            models.Index(fields=["about", "-happened_at", "-id"], condition=LIVE, name="activity_about"),
            models.Index(fields=["account", "-happened_at", "-id"], condition=LIVE, name="activity_account"),
            models.Index(fields=["contact", "-happened_at", "-id"], condition=LIVE, name="activity_contact"),
            models.Index(fields=["-created_at", "-id"], condition=LIVE, name="activity_created"),
        ]

    class Declaration(ObjectDeclaration):
        key = "activity"
        label, plural = Label("Follow-up", "跟进记录"), Label("Follow-ups", "跟进记录")
        icon = "message-circle"
        area, order = "collaboration", 70
        title = "subject"
        list_columns = ("subject", "kind", "account", "contact", "result", "happened_at", "next_contact_on", "owner")
        default_sort = "-happened_at"
        highlights = ("kind", "account", "contact", "happened_at", "result", "owner")
        sections = (
            Section(
                Label("Follow-up", "跟进信息"),
                ("kind", "subject", "content", "happened_at", "duration", "direction", "result", "next_contact_on"),
            ),
            Section(Label("About", "关联信息"), ("about", "account", "contact", "owner")),
        )
        search = ("subject", "content")
        quick = ("kind", "content", "account", "contact", "next_contact_on")
        calendar = Calendar(start="happened_at", color="kind")
        presets = (
            Preset("mine", Label("My follow-ups", "我的跟进"), "owner:me"),
            Preset("today", Label("Today", "今日跟进"), "happened_at:today"),
            Preset("week", Label("This week", "本周跟进"), "happened_at:this_week"),
            Preset("meetings", Label("Meetings and visits", "会议与拜访"), "kind:meeting,visit"),
        )
        rules = ActivityRules
        inherits = ("about", "account", "contact")
        stream = Stream(moment="happened_at", via=("about", "account", "contact"), body="content", sort="kind")
