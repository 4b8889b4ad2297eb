"""As of a day: records, lists and boards as they stood at an earlier moment, for those who may see them today."""

from guanxi.engine.past.rolling import LIMIT, TooMuch
from guanxi.engine.past.shadow import looking_back, moment_of

__all__ = ["LIMIT", "TooMuch", "looking_back", "moment_of"]
