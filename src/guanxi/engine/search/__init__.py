"""Search over every object: Chinese by word, pinyin and initials, in what the person may see."""

from guanxi.engine.search.document import keys_of
from guanxi.engine.search.finding import find

__all__ = ["find", "keys_of"]
