"""The header ``Idempotency-Key``: a request that is sent again is answered as it was, and done once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from guanxi.engine import idempotency
from guanxi.engine.idempotency import Answer
from guanxi.kernel import db
from guanxi.web.api.bodies import MULTIPART
from guanxi.web.problems import KeyInUse, KeyReused, Malformed

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_TOLD = ("Content-Type", "Location", "ETag", "Content-Language")


def key_of(request: HttpRequest) -> str:
    """The key of a request; empty when it has none."""
    text = request.headers.get(HEADER)
    if text is None:
        return ""
    if not _KEY.fullmatch(text):
        raise Malformed(_("“Idempotency-Key” is 1 to 200 letters, digits and signs, such as a UUID."))
    return text


def answered(caller: str, key: str, request: HttpRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer to a request with a key: the one it was given before, or a new one, kept with what it did."""
    digest = _digest(request)
    with db.atomic():
        if not idempotency.reserve(caller, key):
            raise KeyInUse(_("The first request with this Idempotency-Key is still being answered. Ask again shortly."))
        known = idempotency.find(caller, key)
        if known is not None:
            if known.request != digest:
                raise KeyReused(_("This Idempotency-Key was used for another request. Take a new one for each."))
            return _again(known)
        response = _in_savepoint(view)
        if isinstance(response, HttpResponse) and response.status_code < 500:
            headers = {name: response.headers[name] for name in _TOLD if name in response.headers}
            idempotency.keep(caller, key, Answer(response.status_code, response.content, headers, digest))
    return response


def _in_savepoint(view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """Whatever a refused or failed request began is rolled back; that it was refused is kept."""
    try:
        with db.atomic():
            response = view()
            if response.status_code >= 500:
                raise _Failed(response)
    except _Failed as failed:
        return failed.response
    return response


class _Failed(Exception):
    def __init__(self, response: HttpResponseBase) -> None:
        super().__init__()
        self.response = response


def _again(known: Answer) -> HttpResponse:
    response = HttpResponse(known.body, status=known.status)
    response.headers.pop("Content-Type", None)
    for name, value in known.headers.items():
        response.headers[name] = value
    response.headers[REPLAYED] = "true"
    return response


def _digest(request: HttpRequest) -> str:
    parts = [request.method or "", request.get_full_path(), request.headers.get("If-Match", "")]
    digest = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass"))
    if request.content_type != MULTIPART:
        digest.update(b"\n" + request.body)
        return digest.hexdigest()
    for name, text in sorted(request.POST.items()):
        digest.update(f"\n{name}={text}".encode("utf-8", "surrogatepass"))
    for name in sorted(request.FILES):
        for sent in request.FILES.getlist(name):
            digest.update(f"\n{name}={sent.name}:".encode("utf-8", "surrogatepass"))
            for piece in sent.chunks():
                digest.update(piece)
            sent.seek(0)
    return digest.hexdigest()
