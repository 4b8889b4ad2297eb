"""The one condition tree: two spellings (JSON and a typed line) and two evaluators (SQL and memory)."""

from guanxi.engine.query.chips import Chip, chips, conjuncts
from guanxi.engine.query.compile import compile_tree
from guanxi.engine.query.evaluate import evaluate
from guanxi.engine.query.jsonform import from_json, to_json
from guanxi.engine.query.resolve import operators_for
from guanxi.engine.query.textform import format_line as format
from guanxi.engine.query.textform import parse_line as parse
from guanxi.engine.query.tree import Condition, Group, Not, Tree, both

__all__ = [
    "Chip",
    "Condition",
    "Group",
    "Not",
    "Tree",
    "both",
    "chips",
    "compile_tree",
    "conjuncts",
    "evaluate",
    "format",
    "from_json",
    "operators_for",
    "parse",
    "to_json",
]
