"""Reading what a caller sends: parameters, headers and JSON, each with its limit and a sentence for what does not fit."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from guanxi.kernel.errors import QueryError
from guanxi.kernel.text import UNSTORABLE
from guanxi.web.problems import Malformed, NotAcceptable, TooLarge, WrongMediaType

MAX_BODY = 5_000_000
"""Bytes; what is larger goes in several calls, or as a file."""
MAX_DEPTH = 100
"""So deep may JSON be nested."""
MAX_NUMBER = 2**63 - 1
MULTIPART = "multipart/form-data"
WRITING = ("POST", "PUT", "PATCH", "DELETE")


def check_headers(request: HttpRequest, produces: Collection[str], *, takes_files: bool) -> None:
    """Refuse a body that is too large (413), and an ``Accept`` that no answer fits (406).

    How large a form with a file may be is not decided here: see :mod:`guanxi.web.uploading`.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else MAX_BODY + 1
    if size > MAX_BODY and not (takes_files and request.content_type == MULTIPART):
        raise TooLarge(_("The body is too large. Send at most %(size)d bytes.") % {"size": MAX_BODY})
    if request.headers.get("Accept") and not any(map(request.accepts, produces)):
        known = ", ".join(produces)
        raise NotAcceptable(_("The answer comes as %(types)s. Accept one of these.") % {"types": known})


def check_parameters(request: HttpRequest, known: Collection[str]) -> None:
    """Refuse parameters that the address does not know, come twice, or hold what no text may hold."""
    for name, values in request.GET.lists():
        if name not in known:
            raise QueryError(_("There is no parameter “%(name)s”.") % {"name": UNSTORABLE.sub("?", name[:40])})
        if len(values) > 1:
            raise QueryError(_("Send “%(name)s” only once.") % {"name": name})
        if UNSTORABLE.search(values[0]):
            raise QueryError(_("“%(name)s” holds a character that no text can hold.") % {"name": name})


def flag(request: HttpRequest, name: str) -> bool:
    """A parameter that is true or false; false when it is left out."""
    text = request.GET.get(name, "false")
    if text not in ("true", "false"):
        raise QueryError(_("“%(name)s” is true or false.") % {"name": name})
    return text == "true"


def number(request: HttpRequest, name: str, usual: int, most: int) -> int:
    """A parameter that is a number from 1 to ``most``."""
    text = request.GET.get(name, str(usual))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most or text != str(int(text[:9])):
        raise QueryError(_("“%(name)s” is a number from 1 to %(limit)d.") % {"name": name, "limit": most})
    return int(text)


def body_of(request: HttpRequest, known: Collection[str] | None = None) -> dict[str, Any]:
    """The JSON object in the body, empty without a body; :class:`Malformed` in words when it is none, and
    :class:`WrongMediaType` when it is not said to be JSON.

    With ``known`` other keys are refused.
    """
    if not request.body:
        return {}
    if request.content_type != "application/json":
        raise WrongMediaType(_("Send the body as JSON, with the header “Content-Type: application/json”."))
    data = loads(request.body)
    if not isinstance(data, dict):
        raise Malformed(_("The body must be a JSON object."))
    if known is not None and (unknown := sorted(set(data) - set(known))):
        raise Malformed(_("The body knows no “%(name)s”.") % {"name": unknown[0][:63]})
    return data


def loads(content: bytes) -> Any:
    """JSON data; :class:`Malformed` in words for what is none, is nested too deeply, or cannot be kept."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(_("The body is not valid JSON in UTF-8.")) from error
    try:
        data = json.loads(text, parse_constant=_no_constant, parse_float=_float, object_pairs_hook=_once)
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        raise Malformed(_("The body is not valid JSON in UTF-8.")) from error
    _check(data, "\\u" in text or "\x00" in text)
    return data


def _no_constant(name: str) -> float:
    """NaN and Infinity are not JSON."""
    raise ValueError(name)


def _float(text: str) -> float:
    found = float(text)
    if found in (float("inf"), float("-inf")):
        raise ValueError(text)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed(_("The body has “%(name)s” twice.") % {"name": twice[:63]})
    return found


def _check(data: Any, may_hold_unstorable: bool) -> None:
    """Walk through the data level by level, without recursion: depth, and texts that no database can hold."""
    level, depth = [data], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise _too_deep()
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below.extend(one.values())
                if may_hold_unstorable:
                    below.extend(one)
            elif isinstance(one, list):
                below.extend(one)
            elif may_hold_unstorable and isinstance(one, str) and UNSTORABLE.search(one):
                raise Malformed(_("A text in the body holds a character that no text can hold, such as NUL."))
        level = below


def _too_deep() -> Malformed:
    return Malformed(_("The body is nested too deeply. Use at most %(depth)d levels.") % {"depth": MAX_DEPTH})
