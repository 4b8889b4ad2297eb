"""Account 客户: a company or a person we do business with."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models

from guanxi.domains.customers.choices import COUNTRIES, INDUSTRIES, REGIONS, SOURCES
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.currencies import CURRENCIES
from guanxi.schema.declaration import Board, Merging, ObjectDeclaration, Preset, Related, Section
from guanxi.schema.duplicates import Comparison, Duplicates, ExactRule, Part
from guanxi.schema.fields import option
from guanxi.schema.record import OwnedRecord
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor
from guanxi.schema.tree import refuse_cycles

LIVE = models.Q(deleted_at__isnull=True)

CATEGORIES = (option("company", "Company", "企业", "blue"), option("person", "Person", "个人", "purple"))

RELATIONSHIPS = (
    option("customer", "Customer", "客户", "green"),
    option("reseller", "Reseller", "经销商", "purple"),
    option("partner", "Partner", "合作伙伴", "blue"),
    option("supplier", "Supplier", "供应商", "orange"),
    option("other", "Other", "其他", "gray"),
)

LEVELS = (
    option("a", "A – key", "A 重点客户", "red"),
    option("b", "B – standard", "B 普通客户", "orange"),
    option("c", "C – small", "C 一般客户", "gray"),
)

STATUSES = (
    option("potential", "Potential", "潜在客户", "gray"),
    option("following", "In touch", "跟进中", "blue"),
    option("active", "Active", "成交客户", "green"),
    option("dormant", "Dormant", "沉睡客户", "yellow"),
    option("lost", "Lost", "流失客户", "red"),
)


DUPLICATES = Duplicates(
    exact=(
        ExactRule("name", Label("Same company name", "公司名称相同"), (Part("company", ("name",)),)),
        ExactRule("tax_number", Label("Same tax number", "税号相同"), (Part("number", ("tax_number",)),)),
        ExactRule(
            "website_phone", Label("Same website and phone", "网址和电话相同"),
            (Part("domain", ("website",)), Part("phone", ("phone",))),
        ),
        ExactRule(
            "website_address", Label("Same website and address", "网址和地址相同"),
            (Part("domain", ("website",)), Part("text", ("billing_address", "shipping_address"))),
        ),
    ),
    compared=(
        Comparison("company", ("name",), Label("Names", "名称")),
        Comparison("identity", ("tax_number",), Label("Tax numbers", "税号")),
        Comparison("domain", ("website", "email"), Label("Websites", "网址")),
        Comparison("phone", ("phone",), Label("Phones", "电话")),
        Comparison("address", ("billing_address", "shipping_address"), Label("Addresses", "地址")),
        Comparison("place", ("city",), Label("Cities", "城市")),
    ),
    company="name",
)  # fmt: skip


class AccountRules(ObjectRules):
    """A parent account is never below the account itself."""

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        refuse_cycles(drafts, "parent")


class Account(OwnedRecord):
    """A company or a person we do business with."""

    name = fields.text("Account name", "客户名称", required=True, max_length=200)
    number = fields.auto_number("Account number", "客户编号", "A-{number:06d}")
    category = fields.select("Category", "客户性质", CATEGORIES, default="company")
    relationship = fields.select("Relationship", "客户类型", RELATIONSHIPS, default="customer")
    status = fields.select("Status", "客户状态", STATUSES, default="potential")
    level = fields.select("Level", "客户级别", LEVELS)
    industry = fields.select("Industry", "所属行业", INDUSTRIES)
    source = fields.select("Source", "客户来源", SOURCES)
    parent = fields.lookup("Parent account", "上级客户", "account", "customers.Account")
    primary_contact = fields.lookup("Primary contact", "主要联系人", "contact", "customers.Contact")
    phone = fields.phone("Phone", "电话")
    email = fields.email("Mail", "邮箱")
    website = fields.url("Website", "网址")
    region = fields.select("Region", "区域", REGIONS)
    country = fields.select("Country", "国家/地区", COUNTRIES)
    city = fields.text("City", "城市", max_length=80)
    billing_address = fields.address("Billing address", "开票地址")
    shipping_address = fields.address("Shipping address", "收货地址")
    location = fields.geo_point("Position", "地理位置")
    tax_number = fields.text("Tax number", "税号", max_length=40)
    employees = fields.integer("Employees", "员工人数", minimum=0)
    annual_revenue = fields.money("Annual revenue", "年营业额", minimum=0)
    currency = fields.select("Currency", "币种", CURRENCIES)
    founded = fields.integer("Founded", "成立年份", minimum=1000, maximum=9999, extra={"plain": True})
    next_contact_on = fields.date(
        "Next contact", "下次联系日期", help=("Feeds the list “to contact today”.", "进入“今日需联系”列表。")
    )
    last_contacted_at = fields.datetime("Last contact", "最近跟进时间", read_only=True, quiet=True)
    description = fields.long_text("Description", "备注")

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], condition=LIVE, name="account_recent"),
            models.Index(
                fields=["owner", "-created_at", "-id", "deleted_at"], condition=LIVE, name="account_owner_recent"
            ),
            models.Index(fields=["name", "id"], condition=LIVE, name="account_name"),
            models.Index(fields=["next_contact_on"], condition=LIVE, name="account_next_contact"),
            models.Index(fields=["status", "-created_at", "-id"], condition=LIVE, name="account_status"),
            models.Index(fields=["external_id"], condition=~models.Q(external_id=""), name="account_external"),
        ]

    class Declaration(ObjectDeclaration):
        key = "account"
        label, plural = Label("Account", "客户"), Label("Accounts", "客户")
        icon = "building"
        area, order = "customers", 10
        subtitle = "industry"
        list_columns = ("name", "level", "status", "industry", "region", "phone", "next_contact_on", "owner")
        highlights = ("level", "status", "industry", "owner", "open_opportunities", "won_amount", "last_contacted_at")
        sections = (
            Section(
                Label("Basics", "基本信息"),
                (
                    *("name", "number", "category", "relationship", "status", "level", "industry", "source"),
                    *("parent", "primary_contact", "owner", "tags", "next_contact_on", "last_contacted_at"),
                ),
            ),
            Section(
                Label("Reach", "联系方式"),
                (
                    *("phone", "email", "website", "region", "country", "city"),
                    *("billing_address", "shipping_address", "location"),
                ),
            ),
            Section(
                Label("Company", "企业信息"),
                ("tax_number", "employees", "annual_revenue", "currency", "founded", "description"),
            ),
            Section(
                Label("Business", "业务概况"), ("open_opportunities", "open_amount", "won_amount", "contact_count")
            ),
        )
        search = ("name", "number", "phone", "email", "website", "tax_number")
        quick = ("name", "industry", "level", "phone", "owner")
        board = Board(group="status", card=("level", "industry", "owner"), age="last_contacted_at", stalled_after=60)
        related = (
            Related("contact", "account", ("name", "job_title", "mobile", "decision_maker")),
            Related("opportunity", "account", ("name", "stage", "amount", "close_on")),
            Related("task", "account", ("subject", "status", "due_on", "owner")),
            Related("affiliation", "account", ("contact", "role", "current"), through="contact"),
            Related("account", "parent", ("name", "level", "status"), Label("Subsidiaries", "下级客户")),
        )
        presets = (
            Preset("mine", Label("My accounts", "我的客户"), "owner:me"),
            Preset(
                "today", Label("To contact today", "今日需联系"), "owner:me next_contact_on<=today", "next_contact_on"
            ),
            Preset("key", Label("Key accounts", "重点客户"), "level:a"),
            Preset(
                "forgotten",
                Label("Forgotten", "遗忘客户"),
                "status:potential,following (last_contacted_at<last_30_days or last_contacted_at:empty)",
                "last_contacted_at",
            ),
            Preset("new", Label("New this month", "本月新增"), "created_at:this_month"),
        )
        virtual = {
            "tags": fields.tags(),
            "open_opportunities": fields.count_of(
                "Open opportunities", "进行中商机", "opportunity", "account", status="open"
            ),
            "open_amount": fields.sum_of(
                "Open amount", "进行中金额", "opportunity", "account", "amount", status="open"
            ),
            "won_amount": fields.sum_of("Won amount", "赢单金额", "opportunity", "account", "amount", status="won"),
            "contact_count": fields.count_of("Contacts", "联系人数", "contact", "account"),
        }
        rules = AccountRules
        merging = Merging(together=(("annual_revenue", "currency"),))
        duplicates = DUPLICATES
        import_names = {
            "name": (
                *("company", "company name", "account", "customer", "customer name", "organization", "organisation"),
                *("公司", "公司名称", "单位名称", "企业名称", "客户", "名称"),
            ),
            "parent": ("parent company", "subsidiary of", "母公司", "上级公司"),
            "billing_address": ("billing street", "address", "地址", "公司地址", "注册地址"),
            "shipping_address": ("shipping street", "送货地址"),
            "annual_revenue": ("revenue", "turnover", "营业额", "年收入"),
            "founded": ("year established", "founded in", "established", "成立时间", "成立年"),
            "tax_number": ("vat number", "tax id", "纳税人识别号", "统一社会信用代码", "税号"),
            "level": ("rating", "grade", "等级", "级别"),
            "country": ("office location", "billing country"),
            "city": ("billing city",),
        }
        timeline = True
