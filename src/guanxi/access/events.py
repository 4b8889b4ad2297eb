"""Audit event 审计日志: who signed in, was refused, exported, changed permissions or looked as somebody else.

The events form a chain: each carries a keyed hash over itself and the one before, so that whoever changes or removes one
without the program's secret key breaks the chain. :mod:`guanxi.access.audit` writes and verifies it.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration, Preset
from guanxi.schema.fields import option
from guanxi.schema.record import Record

EVENTS = (
    option("signed_in", "Signed in", "登录", "green"),
    option("sign_in_failed", "Sign-in failed", "登录失败", "orange"),
    option("locked_out", "Locked out", "登录锁定", "red"),
    option("signed_out", "Signed out", "退出", "gray"),
    option("session_ended", "Session ended", "会话终止", "gray"),
    option("password_changed", "Password changed", "修改密码", "blue"),
    option("mfa_changed", "Second factor changed", "双因素变更", "blue"),
    option("refused", "Refused", "拒绝访问", "red"),
    option("exported", "Exported", "导出", "purple"),
    option("imported", "Imported", "导入", "purple"),
    option("export_decided", "Export decided", "导出审批", "purple"),
    option("printed", "Printed", "打印", "purple"),
    option("permission_changed", "Permission changed", "权限变更", "orange"),
    option("shared", "Shared", "共享", "blue"),
    option("policy_changed", "Security policy changed", "安全策略变更", "orange"),
    option("invited", "Invited", "邀请人员", "blue"),
    option("deactivated", "Deactivated", "停用人员", "orange"),
    option("see_as_started", "See as: started", "以他人身份查看：开始", "purple"),
    option("see_as_ended", "See as: ended", "以他人身份查看：结束", "purple"),
    option("redacted", "Redacted from history", "隐去历史数据", "red"),
    option("purged", "Removed for good", "彻底删除", "red"),
    option("key_made", "API key made", "创建 API 密钥", "blue"),
    option("key_revoked", "API key revoked", "吊销 API 密钥", "gray"),
    option("deliveries_replayed", "Deliveries sent again", "重新投递", "blue"),
    option("index_added", "Index added", "添加索引", "blue"),
    option("index_removed", "Index removed", "移除索引", "gray"),
    option("key_used", "API key used", "使用 API 密钥", "gray"),
)


class AuditEvent(Record):
    """One event. Written by :func:`guanxi.access.audit.note` alone."""

    at: Any = fields.datetime("When", "时间", read_only=True)
    event: Any = fields.select("Event", "事件", EVENTS, read_only=True)
    person: Any = fields.lookup("Person", "人员", "user", "access.User", read_only=True)
    name: Any = fields.text("Name", "名称", max_length=160, read_only=True)
    detail: Any = fields.long_text("Detail", "详情", read_only=True)
    object: Any = fields.text("Object", "对象", max_length=63, read_only=True, extra={"vocabulary": "objects"})
    record: Any = fields.integer("Record", "记录", read_only=True)
    address: Any = fields.text("Address", "来源地址", max_length=64, read_only=True)
    agent: Any = fields.text("Program", "客户端", max_length=200, read_only=True)
    sequence = models.BigIntegerField(unique=True)
    """Place in the chain, from 1 without gaps."""
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "access_auditevent"
        indexes = [
            models.Index(fields=["at", "id"], name="access_audit_at"),
            models.Index(fields=["event", "at"], name="access_audit_event"),
            models.Index(fields=["person", "at"], name="access_audit_person"),
        ]

    class Declaration(ObjectDeclaration):
        key = "audit_event"
        label, plural = Label("Audit event", "审计事件"), Label("Audit log", "审计日志")
        icon = "list-check"
        kind = "log"
        restricted = True
        area, order = "setup", 980
        title = "event"
        list_columns = ("at", "event", "person", "name", "detail", "object", "record", "address", "agent")
        default_sort = "-at"
        search = ("name", "detail", "address")
        presets = (
            Preset("signing", Label("Sign-ins", "登录"), "event:signed_in,sign_in_failed,locked_out,signed_out"),
            Preset("refusals", Label("Refusals", "拒绝访问"), "event:refused"),
            Preset("exports", Label("Exports", "导出"), "event:exported,export_decided,printed"),
            Preset("permissions", Label("Permissions", "权限变更"), "event:permission_changed,shared,policy_changed"),
        )


class AuditHead(models.Model):
    """The end of the chain: how many events there are, and the digest of the last. One row, locked while one is added."""

    count = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")
    seal = models.CharField(max_length=64, default="")
    """Keyed hash over count and digest: cutting events off the end shows too."""
