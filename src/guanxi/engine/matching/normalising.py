"""Values made comparable: what people write differently and mean the same becomes the same text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import phonenumbers

from guanxi.kernel.text import fold, has_cjk, normalise, syllables

_CHINESE_FORMS = re.compile(
    "("
    "股份有限责任公司|股份有限公司|有限责任公司|集团有限公司|控股有限公司|有限公司|集团公司|股份公司"
    "|集团|控股|公司|合伙企业|事务所|工厂|厂"
    ")$"
)
_PLACES = re.compile(
    "^(中国|北京|上海|天津|重庆|广东|江苏|浙江|山东|河南|河北|四川|湖北|湖南|福建|安徽|江西|陕西|山西|辽宁|吉林|黑龙江|广西|云南|贵州"
    "|海南|甘肃|青海|宁夏|新疆|西藏|内蒙古|香港|澳门|台湾|深圳|广州|杭州|南京|苏州|成都|武汉|西安|宁波|青岛|厦门|东莞|佛山|无锡"
    "|长沙|郑州|济南|大连|沈阳|合肥|福州|温州|常州|珠海|中山|惠州|嘉兴|南通|烟台|昆明|南昌|南宁|贵阳|石家庄|哈尔滨|长春|太原)(省|市)?"
)
_LATIN_FORMS = frozenset({
    "co", "company", "corp", "corporation", "inc", "incorporated", "ltd", "limited", "llc", "llp", "lp", "plc", "pty",
    "pte", "gmbh", "ag", "kg", "ohg", "ug", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "oy", "ab", "as", "aps",
    "kk", "kabushiki", "kaisha", "pvt", "private", "holding", "holdings", "group", "international", "intl", "the", "and",
})  # fmt: skip
"""Words that say what sort of company it is, not which."""
FREE_MAIL = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "yahoo.co.jp",
    "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.de", "gmx.net", "web.de", "mail.ru", "yandex.ru",
    "proton.me", "protonmail.com", "qq.com", "foxmail.com", "vip.qq.com", "163.com", "126.com", "yeah.net", "188.com",
    "139.com", "189.cn", "wo.cn", "sina.com", "sina.cn", "vip.sina.com", "sohu.com", "tom.com", "21cn.com",
    "aliyun.com", "naver.com",
})  # fmt: skip
"""Mail providers of everybody: their domain says nothing about a company."""
_SECOND_LEVEL = frozenset({
    "com", "net", "org", "gov", "edu", "ac", "co", "or", "ne", "go",
})  # fmt: skip
_E164 = re.compile(r"\+\d{7,15}")
_WORDS = re.compile(r"[^\W_]+")
_NOISE = re.compile(r"[aeiouyhw]")
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Half-width, simplified, without case, white space collapsed. The name of a record goes into several of its keys."""
    text = normalise(text)
    return fold(_simplifier().convert(text)) if has_cjk(text) else text


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def words(text: str) -> list[str]:
    """The words of a text without punctuation."""
    return _WORDS.findall(plain(text))


def company(text: str) -> str:
    """A company's name without legal form, brackets, punctuation and white space.

    A name that is nothing but a legal form stays as it is. What stands in brackets in the middle of a Chinese name (a place)
    is part of it.
    """
    text = plain(text)
    bare = "".join(_WORDS.findall(text))
    if has_cjk(text):
        core = bare
        while (shorter := _CHINESE_FORMS.sub("", core)) != core and len(shorter) > 1:
            core = shorter
        return core
    kept = [word for word in _joined_initials(_WORDS.findall(_BRACKETS.sub(" ", text))) if word not in _LATIN_FORMS]
    return "".join(kept) or bare


def without_place(core: str) -> str:
    """A Chinese company's name without the place it begins with."""
    rest = _PLACES.sub("", core, count=1)
    return rest if len(rest) > 1 else core


def _joined_initials(found: list[str]) -> list[str]:
    """``g.m.b.h`` comes as four letters and is one word."""
    result: list[str] = []
    run = ""
    for word in [*found, ""]:
        if len(word) == 1 and word.isalpha():
            run += word
            continue
        if run:
            result.append(run)
            run = ""
        if word:
            result.append(word)
    return result


@lru_cache(maxsize=8192)
def person(text: str) -> str:
    """A person's name: its words in alphabetical order, so that the order of family and given name does not matter."""
    found = words(text)
    if any(has_cjk(word) for word in found):
        return "".join(found)
    return " ".join(sorted(found))


@lru_cache(maxsize=1024)
def phone(text: str) -> str:
    """A telephone number in E.164; digits alone where it is none. Extensions are left out."""
    compact = text.replace(" ", "")
    if _E164.fullmatch(compact):
        return compact
    try:
        number = phonenumbers.parse(normalise(text), "CN")
        if phonenumbers.is_possible_number(number):
            number.extension = None
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        pass
    digits = "".join(char for char in normalise(text) if char.isdigit())
    return digits if len(digits) > 4 else ""


def mail(text: str) -> str:
    """A mail address without case, and without the part after a plus sign."""
    local, _at, host = normalise(text).partition("@")
    return f"{local.partition('+')[0]}@{host}" if host else ""


def domain(text: str) -> str:
    """The domain that a website or a mail address belongs to; empty for providers of everybody's mail."""
    text = normalise(text)
    if "@" in text:
        host = text.rpartition("@")[2]
    else:
        try:
            host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
        except ValueError:
            return ""
    labels = host.removesuffix(".").split(".")
    if len(labels) < 2 or host in FREE_MAIL:
        return ""
    size = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-size:])


def number(text: str) -> str:
    """Letters and digits alone: numbers of identity cards, taxes, passports."""
    return "".join(_WORDS.findall(normalise(text)))


def text(value: str) -> str:
    """The words of a text, closed up."""
    return "".join(words(value))


def skeleton(word: str) -> str:
    """What of a word survives most slips of the pen: the first letter and the consonants, of Chinese the pinyin's."""
    if has_cjk(word):
        word = "".join(syllables(word))
    letters = "".join(char for char in word if char.isalnum())
    return letters[:1] + _NOISE.sub("", letters[1:])


FORMS: Mapping[str, Callable[[str], str]] = {
    **{"company": company, "person": person, "phone": phone, "mail": mail, "domain": domain},
    **{"number": number, "text": text, "record": lambda value: value},
}
"""By the form a rule names."""
