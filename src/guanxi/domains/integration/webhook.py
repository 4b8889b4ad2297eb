"""Webhook: an address outside that is told, signed, when something happens to records."""

from __future__ import annotations

from typing import Any

from guanxi.domains.integration.webhook_actions import new_secret, send_test, show_secret, unseen
from guanxi.domains.integration.webhook_rules import WebhookRules
from guanxi.kernel import clock
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import Action, ObjectDeclaration, Section
from guanxi.schema.record import Record

KEEP_OLD = fields.virtual(
    "boolean", "Sign with the old one too for 24 hours", "24 小时内同时用旧密钥签名", default=True
)


class Webhook(Record):
    """One receiver. What is sent is what the responsible person may see."""

    name: Any = fields.text("Name", "名称", required=True, max_length=120)
    url: Any = fields.url("Address", "接收地址", required=True, help=(
        "Where events are posted to, such as https://hooks.example.com/guanxi.",
        "事件以 POST 方式发送到此地址，例如 https://hooks.example.com/guanxi。"))  # fmt: skip
    events: Any = fields.long_text("Events", "事件", required=True, max_length=4000, help=(
        "One per line: opportunity.updated, account.* or * for everything that happens to records.",
        "每行一个：opportunity.updated、account.*，或 * 表示记录发生的一切。"))  # fmt: skip
    condition: Any = fields.long_text("Condition", "条件", max_length=2000, help=(
        "A query line the record must meet, such as amount>=100000; for events of one object.",
        "记录须满足的查询语句，例如 amount>=100000；仅用于单一对象的事件。"))  # fmt: skip
    responsible: Any = fields.lookup("Responsible", "负责人", "user", "access.User", help=(
        "Only what this person may see is sent, and this person is told when it fails.",
        "只发送此人有权查看的内容；发送失败时通知此人。"))  # fmt: skip
    is_active: Any = fields.boolean("Active", "启用", default=True)
    secret: Any = fields.encrypted("Secret", "签名密钥", help=(
        "Made by itself when left empty.", "留空则自动生成。"))  # fmt: skip
    old_secret: Any = fields.encrypted("Former secret", "旧密钥", hidden=True, read_only=True)
    old_secret_until: Any = fields.datetime("Former secret valid until", "旧密钥有效期至", read_only=True)
    secret_seen: Any = fields.boolean("Secret was shown", "密钥已显示", default=False, hidden=True, read_only=True)

    class Meta:
        db_table = "integration_webhook"

    class Declaration(ObjectDeclaration):
        key = "webhook"
        label, plural = Label("Webhook", "Webhook"), Label("Webhooks", "Webhook")
        icon = "webhook"
        kind = "setup"
        restricted = True
        area, order = "setup", 950
        list_columns = ("name", "url", "events", "responsible", "is_active")
        default_sort = "name"
        search = ("name", "url")
        sections = (
            Section(Label("Receiver", "接收方"), ("name", "url", "responsible", "is_active")),
            Section(Label("What is sent", "发送内容"), ("events", "condition")),
            Section(Label("Signature", "签名"), ("secret", "old_secret_until")),
        )
        quick = ("name", "url", "events")
        actions = (
            Action(
                "send_test", Label("Send test event", "发送测试事件"), "send", send_test,
                right="administrate", primary=True,
            ),
            Action(
                "show_secret", Label("Show secret once", "显示密钥（仅一次）"), "key", show_secret,
                available=unseen, right="administrate",
            ),
            Action(
                "new_secret", Label("New secret", "更换密钥"), "refresh", new_secret, right="administrate",
                inputs={"keep_old": KEEP_OLD},
            ),
        )  # fmt: skip
        rules = WebhookRules
        default_access = "read"

    def secret_in_force(self) -> tuple[str, ...]:
        """The secrets messages are signed with: the present one, and the former while it holds."""
        held = [_decrypted(self, "secret")]
        if self.old_secret_until is not None and clock.now() < self.old_secret_until:
            held.append(_decrypted(self, "old_secret"))
        return tuple(secret for secret in held if secret)


def _decrypted(webhook: Webhook, name: str) -> str:
    spec = getattr(Webhook._meta.get_field(name), fields.SPEC_ATTRIBUTE)
    return spec.kind.value(getattr(webhook, name)) or ""
