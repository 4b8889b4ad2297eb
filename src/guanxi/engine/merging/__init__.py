"""Merging: several records become one, with everything that belongs to them, as one change set that can be undone."""

from guanxi.engine.merging.choosing import ALL, MOST, Chosen
from guanxi.engine.merging.ledger import survivor_of
from guanxi.engine.merging.run import Merged, merge

__all__ = ["ALL", "MOST", "Chosen", "Merged", "merge", "survivor_of"]
