"""Export request 导出申请: an export of more rows than the company lets go at once, waiting for somebody's decision.

A log: nobody changes it by hand, not even an administrator. The person who asked and those who may decide see it through
:mod:`guanxi.engine.export.approval`; in lists and in the API it is open to whoever is given it by name.
"""

from __future__ import annotations

from typing import Any

from django.db import models

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration, Preset
from guanxi.schema.fields import option
from guanxi.schema.record import Record

STATES = (
    option("waiting", "Waiting", "待审批", "orange"),
    option("approved", "Approved", "已批准", "green"),
    option("refused", "Refused", "已拒绝", "red"),
    option("done", "Downloaded", "已下载", "gray"),
)


class ExportRequest(Record):
    """One request. Written by :mod:`guanxi.engine.export.approval` alone."""

    object: Any = fields.text("Object", "对象", max_length=63, read_only=True)
    state: Any = fields.select("State", "状态", STATES, default="waiting", read_only=True)
    # Not called "owner": whoever reaches the person's records does not reach the requests by that.
    requested_by: Any = fields.lookup("Requested by", "申请人", "user", "access.User", read_only=True)
    rows: Any = fields.integer("Rows", "行数", read_only=True)
    reason: Any = fields.long_text("Reason", "理由", read_only=True)
    format: Any = fields.text("Format", "格式", max_length=10, read_only=True)
    query: Any = fields.long_text("Filter", "筛选条件", read_only=True)
    sort: Any = fields.text("Sort", "排序", max_length=200, read_only=True)
    columns: Any = fields.long_text("Columns", "列", read_only=True)
    """Field keys, comma-separated."""
    selection: Any = fields.long_text("Selection", "所选记录", read_only=True)
    """Ids, comma-separated; empty for every row of the filter."""
    headings: Any = fields.text("Headings", "表头", max_length=10, read_only=True)
    form: Any = fields.text("Values", "取值", max_length=10, read_only=True)
    note: Any = fields.boolean("Note row", "备注行", read_only=True)
    decided_by: Any = fields.lookup("Decided by", "审批人", "user", "access.User", read_only=True)
    decided_at: Any = fields.datetime("Decided", "审批时间", read_only=True)
    answer: Any = fields.long_text("Answer", "审批意见", read_only=True)
    expires_at: Any = fields.datetime("Download until", "下载截止", read_only=True)
    downloaded_at: Any = fields.datetime("Downloaded", "下载时间", read_only=True)

    class Meta:
        db_table = "engine_exportrequest"
        indexes = [
            models.Index(fields=["requested_by", "-id"], name="engine_exportrequest_person"),
            models.Index(fields=["state", "-id"], name="engine_exportrequest_state"),
        ]

    class Declaration(ObjectDeclaration):
        key = "export_request"
        label, plural = Label("Export request", "导出申请"), Label("Export requests", "导出申请")
        icon = "download"
        kind = "log"
        restricted = True
        area, order = "setup", 985
        title = "object"
        list_columns = ("object", "state", "requested_by", "rows", "format", "reason", "decided_by", "decided_at")
        default_sort = "-created_at"
        search = ("object", "reason")
        presets = (Preset("waiting", Label("Waiting", "待审批"), "state:waiting"),)
