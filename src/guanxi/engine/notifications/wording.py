"""What notices about changes say, in both languages: they are kept, and read in whichever language their reader chose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from guanxi.kernel.labels import Label
from guanxi.schema.definition import ObjectType

NAMED = 3
"""So many fields are named, of more only the number."""
Said = Callable[[int], Label]


@dataclass(frozen=True)
class Doing:
    """One thing that can be done to a record. The patterns take ``who``, ``kind``, ``title``, ``fields`` and ``many``."""

    english: str
    chinese: str
    english_many: str
    chinese_many: str
    of_fields: bool = False
    """Whether it is only told where a field changed that the reader may see."""

    def one(self, who: str, kind: ObjectType, title: str, fields: Sequence[Label]) -> Said:
        """About one record; several changes of it are counted."""
        english = self.english.format(who=who, kind=kind.label.en.lower(), title=title, fields=_english(fields))
        chinese = self.chinese.format(who=who, kind=kind.label.zh, title=title, fields=_chinese(fields))

        def said(count: int) -> Label:
            if count == 1:
                return Label(english, chinese)
            return Label(f"{english} ({count} changes)", f"{chinese}（共 {count} 次）")

        return said

    def many(self, who: str, kind: ObjectType, title: str, *, followed: bool) -> Said:
        """About many records changed in one act."""
        single = self.one(who, kind, title, ())
        whose_en, whose_zh = ("that you follow", "您关注的") if followed else ("of yours", "您负责的")

        def said(count: int) -> Label:
            if count == 1 and not self.of_fields:
                return single(1)
            noun = kind.label.en.lower() if count == 1 else kind.plural.en.lower()
            return Label(
                self.english_many.format(who=who, many=f"{count} {noun} {whose_en}"),
                self.chinese_many.format(who=who, many=f"{whose_zh} {count} 条{kind.label.zh}"),
            )

        return said


@lru_cache(maxsize=1)
def doings() -> dict[str, Doing]:
    """What is told, by the verb of the journal."""
    return {
        "updated": Doing(
            "{who} changed {fields} of the {kind} “{title}”",
            "{who} 修改了{kind}“{title}”的{fields}",
            "{who} changed {many}",
            "{who} 修改了{many}",
            of_fields=True,
        ),
        "deleted": Doing(
            "{who} moved the {kind} “{title}” to the recycle bin",
            "{who} 将{kind}“{title}”移入了回收站",
            "{who} moved {many} to the recycle bin",
            "{who} 将{many}移入了回收站",
        ),
        "restored": Doing(
            "{who} restored the {kind} “{title}” from the recycle bin",
            "{who} 从回收站恢复了{kind}“{title}”",
            "{who} restored {many} from the recycle bin",
            "{who} 从回收站恢复了{many}",
        ),
    }


def _english(fields: Sequence[Label]) -> str:
    named = [one.en for one in fields[:NAMED]]
    if len(fields) > NAMED:
        return f"{', '.join(named)} and {len(fields) - NAMED} more fields"
    return " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))


def _chinese(fields: Sequence[Label]) -> str:
    named = "、".join(one.zh for one in fields[:NAMED])
    return f"{named}等 {len(fields)} 个字段" if len(fields) > NAMED else named
