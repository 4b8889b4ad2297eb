"""The write door: the only way a record changes."""

from guanxi.engine.write.door import Door, change, require

__all__ = ["Door", "change", "require"]
