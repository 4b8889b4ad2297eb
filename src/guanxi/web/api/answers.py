"""Answers in JSON, and the tags by which a caller recognises a record it has read before."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.web.problems import Malformed, PreconditionFailed, PreconditionRequired

_other = DjangoJSONEncoder().default
_TAG = re.compile(r'\s*(?:W/)?"(\d{1,18})(?:-[0-9a-f]*)?"\s*(?:,|$)')


def respond(body: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """JSON data as an answer."""
    return HttpResponse(encoded(body), status=status, content_type="application/json")


def encoded(body: Any) -> bytes:
    """JSON data as it is sent; moments and decimals as Django writes them."""
    try:
        return orjson.dumps(body, _other, orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:
        # A number of more than 64 bits: what Python's own encoder takes, it gets.
        return json.dumps(body, ensure_ascii=False, cls=DjangoJSONEncoder).encode()


def tagged(request: HttpRequest, body: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """A record as an answer, with its ``ETag``; 304 without a body where the caller has it already.

    The tag is the version, and a digest of what was answered: two readings may differ in fields, language and counts.
    """
    content = encoded(body)
    tag = f'"{body["version"]}-{hashlib.sha256(content).hexdigest()[:16]}"'
    response = HttpResponse(content, status=status, content_type="application/json")
    known = request.headers.get("If-None-Match", "")
    if request.method == "GET" and (known.strip() == "*" or tag in [part.strip() for part in known.split(",")]):
        response = HttpResponse(status=304)
        response.headers.pop("Content-Type", None)
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def version_wanted(request: HttpRequest) -> int | None:
    """The version that ``If-Match`` names; nothing for ``*`` or without the header.

    A tag that was made weak on the way (by a proxy that compresses) counts as well: the version in it is exact.
    Raises :class:`PreconditionRequired` where the installation demands the header.
    """
    text = request.headers.get("If-Match", "").strip()
    only_new = request.headers.get("If-None-Match", "").strip() == "*"
    if not text and not only_new and settings.GUANXI_API_PRECONDITIONS == "required":
        raise PreconditionRequired(_("Read the record first, then send its ETag in the header “If-Match”."))
    if text in ("", "*"):
        return None
    found = _TAG.match(text)
    if found is None or _TAG.match(text, found.end()):
        raise Malformed(_("“If-Match” is the ETag of one record, as it was read."))
    return int(found[1])


def stale() -> PreconditionFailed:
    """The refusal of a change to a record that is no longer the one named."""
    return PreconditionFailed(
        _("Somebody else changed this record in the meantime. Read it again, then make your change again.")
    )
