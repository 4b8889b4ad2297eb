"""Names of people: family and given names that are common, put together by chance."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.kernel.text import full_name, pinyin
from guanxi.project.demo.dice import Dice

_SURNAMES = "".join(
    (
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾",
        "丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤",
        "尹黎易常武乔贺赖龚文",
    )
)
_MALE = (
    *("伟", "强", "磊", "军", "勇", "杰", "涛", "超", "明", "鹏", "建国", "建华", "志强", "志远", "海涛", "俊杰"),
    *("文博", "浩然", "子轩", "宇航", "天佑", "国栋", "立新", "振华", "晓东", "永刚", "家豪", "思远", "泽宇", "嘉诚"),
    *("博文", "明辉", "少华", "庆峰", "学文", "向阳", "振宇", "一鸣", "承志", "凯", "斌", "峰", "亮", "波"),
)
_FEMALE = (
    *("芳", "娜", "敏", "静", "丽", "艳", "霞", "燕", "玲", "雪", "秀英", "桂兰", "晓燕", "晓敏", "雅琴", "思雨"),
    *("欣怡", "梦琪", "佳慧", "诗涵", "雨桐", "可欣", "婉清", "文静", "丽华", "美玲", "春梅", "海燕", "慧敏", "若曦"),
    *("婷婷", "晓琳", "雨薇", "静怡", "佳宁", "梓涵", "悦", "洁", "颖", "莹", "倩", "蕾", "晨", "琳"),
)

_WESTERN = {
    "english": (
        (
            "Carter",
            "Hughes",
            "Bennett",
            "Walsh",
            "Foster",
            "Reid",
            "Palmer",
            "Doyle",
            "Grant",
            "Nolan",
            "Barker",
            "Lowe",
        ),
        ("James", "Oliver", "Daniel", "Thomas", "Andrew", "Kevin", "Peter", "Mark"),
        ("Emily", "Sarah", "Laura", "Rachel", "Hannah", "Megan", "Claire", "Julia"),
    ),
    "german": (
        ("Becker", "Hoffmann", "Schreiber", "Krause", "Vogel", "Lang", "Winter", "Brandt", "Seidel", "Albrecht"),
        ("Lukas", "Stefan", "Markus", "Jonas", "Tobias", "Andreas"),
        ("Anna", "Katrin", "Sabine", "Julia", "Nina", "Petra"),
    ),
    "latin": (
        ("Moreau", "Rossi", "Laurent", "Ferrari", "Garcia", "Fontana", "Mercier", "Silva", "Costa", "Marchand"),
        ("Luca", "Antoine", "Marco", "Pablo", "Julien", "Bruno"),
        ("Chiara", "Camille", "Elena", "Sofia", "Lucie", "Beatriz"),
    ),
    "japanese": (
        ("Sato", "Suzuki", "Tanaka", "Watanabe", "Ito", "Nakamura", "Kobayashi", "Yoshida", "Yamada", "Mori"),
        ("Hiroshi", "Kenji", "Takashi", "Daisuke", "Yuta", "Kazuo"),
        ("Yuki", "Akiko", "Naoko", "Emi", "Haruka", "Mika"),
    ),
    "asian": (
        ("Kim", "Park", "Tan", "Lim", "Nguyen", "Tran", "Lee", "Wong", "Rahman", "Srisai", "Chua", "Pham"),
        ("Min-jun", "Wei Ming", "Minh", "Hafiz", "Somchai", "Jun Hao"),
        ("Ji-woo", "Hui Ling", "Linh", "Aisyah", "Malee", "Mei Xin"),
    ),
    "indian": (
        ("Sharma", "Patel", "Iyer", "Reddy", "Khanna", "Menon", "Desai", "Kulkarni"),
        ("Arjun", "Rahul", "Vikram", "Sanjay", "Anil"),
        ("Priya", "Anjali", "Kavita", "Meera", "Divya"),
    ),
}
CULTURES = {
    **{"US": "english", "GB": "english", "AU": "english", "CA": "english", "DE": "german", "NL": "german"},
    **{"FR": "latin", "IT": "latin", "BR": "latin", "MX": "latin", "JP": "japanese", "KR": "asian", "SG": "asian"},
    **{"MY": "asian", "TH": "asian", "VN": "asian", "IN": "indian", "AE": "indian"},
}


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name and what a mail address is made of."""

    family: str
    given: str
    female: bool
    latin: str

    @property
    def full(self) -> str:
        """The name in local order."""
        return full_name(self.family, self.given)


def person_name(dice: Dice, country: str) -> PersonName:
    """A name as it is common in a country (ISO code)."""
    female = dice.chance(0.42)
    culture = CULTURES.get(country)
    if culture is None:
        family, given = dice.pick(_SURNAMES), dice.pick(_FEMALE if female else _MALE)
        return PersonName(family, given, female, f"{pinyin(given)[0]}.{pinyin(family)[0]}")
    families, men, women = _WESTERN[culture]
    family, given = dice.pick(families), dice.pick(women if female else men)
    latin = f"{given}.{family}".lower().replace(" ", "").replace("-", "")
    return PersonName(family, given, female, latin)
