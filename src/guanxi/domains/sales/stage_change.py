"""Stage change 阶段历史: which opportunity stood in which stage from when to when."""

from __future__ import annotations

from django.db import models

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration
from guanxi.schema.record import Record


class StageChange(Record):
    """One stay in a stage; written by the rules of the opportunity alone."""

    opportunity = fields.lookup(
        "Opportunity", "商机", "opportunity", "sales.Opportunity", required=True, cascade=True, read_only=True
    )
    from_stage = fields.lookup("From", "原阶段", "stage", "sales.Stage", read_only=True)
    to_stage = fields.lookup("Stage", "阶段", "stage", "sales.Stage", read_only=True)
    entered_at = fields.datetime("Entered", "进入时间", read_only=True)
    left_at = fields.datetime("Left", "离开时间", read_only=True)
    seconds = fields.integer("Seconds in stage", "停留秒数", read_only=True, minimum=0)
    # Not called "owner": whoever owned the opportunity once has no right to its history by that.
    responsible = fields.owner("Owner at the time", "当时负责人", read_only=True)

    class Meta:
        indexes = [
            models.Index(fields=["opportunity", "entered_at", "id"], name="stagechange_opportunity"),
            models.Index(fields=["to_stage", "entered_at"], name="stagechange_stage"),
        ]

    class Declaration(ObjectDeclaration):
        key = "stage_change"
        label, plural = Label("Stage change", "阶段变更"), Label("Stage history", "阶段历史")
        icon = "history"
        kind = "log"
        area, order = "sales", 190
        title = "to_stage"
        list_columns = ("opportunity", "from_stage", "to_stage", "entered_at", "left_at", "seconds", "responsible")
        default_sort = "-entered_at"
        inherits = ("opportunity",)
