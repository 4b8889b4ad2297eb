"""Contact 联系人: a person at an account."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models

from guanxi.domains.customers.choices import SALUTATIONS
from guanxi.kernel.labels import Label
from guanxi.kernel.text import full_name
from guanxi.schema import fields
from guanxi.schema.declaration import Calendar, Merging, ObjectDeclaration, Preset, Related, Section
from guanxi.schema.duplicates import Comparison, Duplicates, ExactRule, Part
from guanxi.schema.fields import option
from guanxi.schema.record import OwnedRecord
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor
from guanxi.schema.tree import refuse_cycles

LIVE = models.Q(deleted_at__isnull=True)

ROLES = (
    option("decision_maker", "Decision maker", "决策者", "red"),
    option("technical", "Technical evaluator", "技术评估人", "blue"),
    option("user", "User", "使用者", "green"),
    option("purchaser", "Purchaser", "采购", "orange"),
    option("finance", "Finance", "财务", "yellow"),
    option("champion", "Champion", "内部支持者", "purple"),
    option("other", "Other", "其他", "gray"),
)


DUPLICATES = Duplicates(
    exact=(
        ExactRule(
            "name_account", Label("Same name, account and number", "姓名、客户和号码相同"),
            (Part("person", ("name",)), Part("record", ("account",)), Part("phone", ("mobile", "phone"))),
        ),
        ExactRule("mobile", Label("Same mobile", "手机相同"), (Part("phone", ("mobile",)),)),
        ExactRule("email", Label("Same mail", "邮箱相同"), (Part("mail", ("email",)),)),
    ),
    compared=(
        Comparison("person", ("family_name", "given_name", "name"), Label("Names", "姓名")),
        Comparison("identity", ("identity_number",), Label("Identity numbers", "证件号码")),
        Comparison("birthday", ("birthday",), Label("Birthdays", "生日")),
        Comparison("phone", ("mobile", "phone"), Label("Numbers", "号码")),
        Comparison("mail", ("email",), Label("Mail addresses", "邮箱")),
        Comparison("record", ("account",), Label("Accounts", "客户")),
        Comparison("address", ("address",), Label("Addresses", "地址")),
        Comparison("place", ("city",), Label("Cities", "城市")),
        Comparison("code", ("postcode",), Label("Postcodes", "邮政编码")),
        Comparison("place", ("state",), Label("States", "省/州")),
    ),
)  # fmt: skip


class ContactRules(ObjectRules):
    """The name follows family and given name unless it was given; nobody reports to themselves."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            parts_changed = draft.changed("family_name") or draft.changed("given_name")
            if draft.changed("name") and draft.get("name"):
                continue
            if parts_changed or not draft.get("name"):
                draft.set("name", full_name(draft.get("family_name") or "", draft.get("given_name") or "") or None)

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        refuse_cycles(drafts, "reports_to")


class Contact(OwnedRecord):
    """A person, usually at an account."""

    family_name = fields.text("Family name", "姓", max_length=60)
    given_name = fields.text("Given name", "名", max_length=60)
    name = fields.text(
        "Name", "姓名", required=True, max_length=120,
        help=("Made of family and given name when left empty.", "留空时由姓和名组成。"),
    )  # fmt: skip
    salutation = fields.select("Salutation", "称谓", SALUTATIONS)
    account = fields.lookup("Account", "所属客户", "account", "customers.Account")
    job_title = fields.text("Job title", "职务", max_length=120)
    department = fields.text("Department", "部门", max_length=120)
    role = fields.select("Role", "角色", ROLES)
    decision_maker = fields.boolean("Key decision maker", "关键决策人")
    reports_to = fields.lookup("Reports to", "直属上级", "contact", "customers.Contact")
    mobile = fields.phone("Mobile", "手机")
    phone = fields.phone("Phone", "电话")
    email = fields.email("Mail", "邮箱")
    wechat = fields.text("WeChat", "微信", max_length=64)
    birthday = fields.date("Birthday", "生日", extra={"personal": True})
    identity_number = fields.text("Identity number", "证件号码", max_length=40, extra={"personal": True})
    address = fields.address("Address", "地址")
    city = fields.text("City", "城市", max_length=80)
    state = fields.text("State or province", "省/州", max_length=80)
    postcode = fields.text("Postcode", "邮政编码", max_length=20)
    do_not_call = fields.boolean("Do not call", "请勿致电")
    do_not_mail = fields.boolean("Do not mail", "请勿发送邮件")
    notes = fields.long_text("Notes", "备注")
    next_contact_on = fields.date("Next contact", "下次联系日期")
    last_contacted_at = fields.datetime("Last contact", "最近跟进时间", read_only=True, quiet=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], condition=LIVE, name="contact_recent"),
            models.Index(
                fields=["owner", "-created_at", "-id", "deleted_at"], condition=LIVE, name="contact_owner_recent"
            ),
            models.Index(fields=["name", "id"], condition=LIVE, name="contact_name"),
            models.Index(fields=["mobile"], condition=~models.Q(mobile=""), name="contact_mobile"),
            models.Index(fields=["email"], condition=~models.Q(email=""), name="contact_email"),
            models.Index(fields=["external_id"], condition=~models.Q(external_id=""), name="contact_external"),
        ]

    class Declaration(ObjectDeclaration):
        key = "contact"
        label, plural = Label("Contact", "联系人"), Label("Contacts", "联系人")
        icon = "user"
        area, order = "customers", 20
        subtitle = "job_title"
        list_columns = ("name", "account", "job_title", "decision_maker", "mobile", "email", "owner")
        highlights = ("account", "job_title", "mobile", "email", "owner", "last_contacted_at")
        sections = (
            Section(
                Label("Person", "基本信息"),
                (
                    *("family_name", "given_name", "name", "salutation", "account", "job_title", "department"),
                    *("role", "decision_maker", "reports_to", "owner", "tags"),
                ),
            ),
            Section(
                Label("Reach", "联系方式"),
                (
                    *("mobile", "phone", "email", "wechat", "address", "city", "state", "postcode"),
                    *("do_not_call", "do_not_mail"),
                ),
            ),
            Section(
                Label("Care", "客户关怀"),
                ("birthday", "identity_number", "next_contact_on", "last_contacted_at", "notes"),
            ),
        )
        search = ("name", "family_name", "given_name", "mobile", "phone", "email", "wechat")
        quick = ("family_name", "given_name", "account", "job_title", "mobile", "email")
        calendar = Calendar(start="next_contact_on")
        related = (
            Related("opportunity", "contact", ("name", "stage", "amount", "close_on")),
            Related(
                "opportunity_role", "contact", ("opportunity", "role", "influence"),
                Label("Part in opportunities", "参与商机"), through="opportunity",
            ),
            Related("affiliation", "contact", ("account", "role", "current"), through="account"),
            Related("contact", "reports_to", ("name", "job_title", "mobile"), Label("Reports", "下属")),
            Related("task", "contact", ("subject", "status", "due_on", "owner")),
        )  # fmt: skip
        presets = (
            Preset("mine", Label("My contacts", "我的联系人"), "owner:me"),
            Preset("deciders", Label("Key decision makers", "关键决策人"), "decision_maker:yes"),
            Preset(
                "today", Label("To contact today", "今日需联系"), "owner:me next_contact_on<=today", "next_contact_on"
            ),
        )
        virtual = {"tags": fields.tags()}
        rules = ContactRules
        merging = Merging(together=(("name", "family_name", "given_name"),))
        duplicates = DUPLICATES
        import_names = {
            "name": (
                "contact name",
                "contact",
                "full name",
                "customer name",
                "联系人",
                "联系人姓名",
                "客户姓名",
                "名字",
            ),
            "family_name": ("last name", "surname", "lastname", "姓氏"),
            "given_name": ("first name", "firstname", "forename", "名字"),
            "account": (
                *("company", "company name", "account name", "organization", "organisation", "employer", "customer"),
                *("公司", "公司名称", "单位", "单位名称", "企业名称", "客户", "客户名称", "所属公司"),
            ),
            "mobile": ("mobile number", "mobile no"),
            "phone": ("work phone", "business phone", "office phone", "办公电话"),
            "reports_to": ("manager", "supervisor", "上级"),
            "salutation": ("prefix", "mr/ms"),
        }
        timeline = True
