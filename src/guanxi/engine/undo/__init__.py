"""Undo: a change set taken back by another one, record by record, and refused where later changes would be lost."""

from guanxi.engine.undo.activity import Act, Acts, acts
from guanxi.engine.undo.background import is_large, start_undo
from guanxi.engine.undo.changes import Change
from guanxi.engine.undo.judging import Refusal
from guanxi.engine.undo.plan import Plan, plan
from guanxi.engine.undo.run import Undone, undo

__all__ = ["Act", "Acts", "Change", "Plan", "Refusal", "Undone", "acts", "is_large", "plan", "start_undo", "undo"]
