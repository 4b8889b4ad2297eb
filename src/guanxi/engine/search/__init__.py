"""Search over every object: Chinese by word, pinyin and initials, in what the person may see."""

from guanxi.engine.search.document import key_of
from guanxi.engine.search.finding import find

__all__ = ["find", "key_of"]
