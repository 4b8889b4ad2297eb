"""Lead 线索: somebody who might become a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from guanxi.domains.customers.choices import COUNTRIES, INDUSTRIES, REGIONS, SOURCES
from guanxi.domains.sales.conversion import CONVERT
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import (
    Action,
    Board,
    Calendar,
    Merging,
    ObjectDeclaration,
    Outcome,
    Preset,
    Related,
    Section,
)
from guanxi.schema.duplicates import Comparison, Duplicates, ExactRule, Part
from guanxi.schema.fields import option
from guanxi.schema.record import OwnedRecord, Record
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor

LIVE = models.Q(deleted_at__isnull=True)

STATUSES = (
    option("new", "New", "新线索", "gray"),
    option("following", "Following up", "跟进中", "blue"),
    option("converted", "Converted", "已转化", "green"),
    option("invalid", "Invalid", "无效", "red"),
)

INVALID_REASONS = (
    option("wrong_contact", "Wrong contact details", "联系方式错误", "gray"),
    option("no_need", "No need", "无需求", "yellow"),
    option("no_budget", "No budget", "无预算", "orange"),
    option("not_target", "Not our customer", "非目标客户", "purple"),
    option("duplicate", "Duplicate", "重复线索", "blue"),
    option("competitor", "Competitor or student", "同行/学生", "pink"),
    option("no_answer", "Never reached", "长期联系不上", "cyan"),
    option("other", "Other", "其他", "gray"),
)


DUPLICATES = Duplicates(
    exact=(
        ExactRule(
            "name_company", Label("Same name, company and number", "姓名、公司和号码相同"),
            (Part("person", ("name",)), Part("company", ("company",)), Part("phone", ("mobile", "phone"))),
        ),
    ),
    compared=(
        Comparison("person", ("name",), Label("Names", "姓名")),
        Comparison("company", ("company",), Label("Companies", "公司")),
        Comparison("phone", ("mobile", "phone"), Label("Numbers", "号码")),
        Comparison("mail", ("email",), Label("Mail addresses", "邮箱")),
        Comparison("address", ("address",), Label("Addresses", "地址")),
        Comparison("place", ("city",), Label("Cities", "城市")),
    ),
    shown=("name", "company", "owner"),
    company="company",
)  # fmt: skip


class LeadRules(ObjectRules):
    """An invalid lead has a reason; a converted one has been through the conversion."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            if draft.get("status") != "invalid" and draft.get("invalid_reason") is not None:
                draft.set("invalid_reason", None)

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            if draft.get("status") == "invalid" and not draft.get("invalid_reason"):
                draft.error("invalid_reason", _("Say why the lead is invalid."))
            if draft.changed("status") and draft.get("status") == "converted" and not draft.get("converted_at"):
                draft.error("status", _("Use “Convert” to turn the lead into an account."))


def invalidate(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """Nothing will come of the lead; a reason is needed."""
    door.update("lead", record.pk, {"status": "invalid", "invalid_reason": inputs.get("invalid_reason")})
    return Outcome(_("Marked as invalid."))


def reopen(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """The lead is followed up after all."""
    door.update("lead", record.pk, {"status": "following"})
    return Outcome(_("The lead is open again."))


def _open(record: Any) -> bool:
    return record.status in ("new", "following")


def _invalid(record: Any) -> bool:
    return bool(record.status == "invalid")


class Lead(OwnedRecord):
    """Somebody who might become a customer."""

    name = fields.text("Name", "姓名", required=True, max_length=120)
    company = fields.text("Company", "公司名称", max_length=200)
    job_title = fields.text("Job title", "职务", max_length=120)
    status = fields.select("Status", "线索状态", STATUSES, default="new", required=True)
    source = fields.select("Source", "线索来源", SOURCES)
    product = fields.lookup("Intent product", "意向产品", "product", "catalog.Product")
    score = fields.integer("Score", "线索评分", minimum=0, maximum=100)
    mobile = fields.phone("Mobile", "手机")
    phone = fields.phone("Phone", "电话")
    email = fields.email("Mail", "邮箱")
    wechat = fields.text("WeChat", "微信", max_length=64)
    website = fields.url("Website", "网址")
    industry = fields.select("Industry", "所属行业", INDUSTRIES)
    region = fields.select("Region", "区域", REGIONS)
    country = fields.select("Country", "国家/地区", COUNTRIES)
    city = fields.text("City", "城市", max_length=80)
    address = fields.address("Address", "地址")
    description = fields.long_text("Needs and remarks", "需求描述")
    next_contact_on = fields.date("Next contact", "下次联系日期")
    last_contacted_at = fields.datetime("Last contact", "最近跟进时间", read_only=True, quiet=True)
    invalid_reason = fields.select("Reason", "无效原因", INVALID_REASONS)
    converted_at = fields.datetime("Converted", "转化时间", read_only=True)
    account = fields.lookup("Account", "转化客户", "account", "customers.Account", read_only=True)
    contact = fields.lookup("Contact", "转化联系人", "contact", "customers.Contact", read_only=True)
    opportunity = fields.lookup("Opportunity", "转化商机", "opportunity", "sales.Opportunity", read_only=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], condition=LIVE, name="lead_recent"),
            models.Index(
                fields=["owner", "-created_at", "-id", "deleted_at"], condition=LIVE, name="lead_owner_recent"
            ),
            models.Index(fields=["status", "-created_at", "-id"], condition=LIVE, name="lead_status_recent"),
            models.Index(fields=["next_contact_on"], condition=LIVE, name="lead_next_contact"),
            models.Index(fields=["mobile"], condition=~models.Q(mobile=""), name="lead_mobile"),
            models.Index(fields=["email"], condition=~models.Q(email=""), name="lead_email"),
            models.Index(fields=["external_id"], condition=~models.Q(external_id=""), name="lead_external"),
        ]

    class Declaration(ObjectDeclaration):
        key = "lead"
        label, plural = Label("Lead", "线索"), Label("Leads", "线索")
        icon = "magnet"
        area, order = "sales", 35
        subtitle = "company"
        list_columns = ("name", "company", "status", "source", "product", "score", "mobile", "next_contact_on", "owner")
        highlights = ("status", "company", "mobile", "source", "score", "owner")
        sections = (
            Section(
                Label("Lead", "基本信息"),
                (
                    *("name", "company", "job_title", "status", "source", "product", "score", "owner", "tags"),
                    *("next_contact_on", "last_contacted_at", "description"),
                ),
            ),
            Section(
                Label("Reach", "联系方式"),
                (
                    *("mobile", "phone", "email", "wechat", "website"),
                    *("industry", "region", "country", "city", "address"),
                ),
            ),
            Section(
                Label("Outcome", "转化结果"),
                ("invalid_reason", "converted_at", "account", "contact", "opportunity"),
            ),
        )
        search = ("name", "company", "mobile", "phone", "email", "wechat")
        quick = ("name", "company", "mobile", "email", "source", "product")
        board = Board(group="status", card=("company", "source", "score", "owner"), age="created_at", stalled_after=14)
        calendar = Calendar(start="next_contact_on", color="status")
        related = (
            Related("task", "about", ("subject", "status", "due_on", "owner")),
            Related("activity", "about", ("subject", "kind", "happened_at", "owner")),
        )
        presets = (
            Preset("open", Label("Open", "待处理"), "status:new,following"),
            Preset("mine", Label("My leads", "我的线索"), "status:new,following owner:me"),
            Preset(
                "today", Label("To contact today", "今日需联系"), "owner:me next_contact_on<=today", "next_contact_on"
            ),
            Preset("hot", Label("Promising", "高分线索"), "status:new,following score>=70", "-score"),
            Preset("converted", Label("Converted", "已转化"), "status:converted", "-converted_at"),
        )
        actions = (
            CONVERT,
            Action(
                "invalidate", Label("Mark invalid", "标记无效"), "user-off", invalidate,
                available=_open, right="change_state",
                inputs={
                    "invalid_reason": fields.virtual(
                        "select", "Reason", "无效原因", options=INVALID_REASONS, required=True
                    )
                },
            ),
            Action(
                "reopen", Label("Reopen", "重新打开"), "refresh", reopen,
                available=_invalid, right="change_state",
            ),
        )  # fmt: skip
        virtual = {"tags": fields.tags()}
        rules = LeadRules
        merging = Merging(together=(("status", "invalid_reason", "converted_at", "account", "contact", "opportunity"),))
        duplicates = DUPLICATES
        timeline = True
        import_names = {
            "name": ("lead name", "contact name", "full name", "联系人", "客户姓名"),
            "company": ("company name", "account name", "organization", "organisation", "公司", "单位名称", "企业名称"),
            "product": ("product", "product name", "产品"),
        }
