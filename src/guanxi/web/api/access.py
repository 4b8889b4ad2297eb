"""The way of every request of the API: who calls, how often, in which language, and how its errors are told."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from types import MappingProxyType
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.csrf import csrf_exempt

from guanxi.access.actor import Actor
from guanxi.engine import keys
from guanxi.engine.write import require
from guanxi.kernel.errors import GuanxiError, NotFound
from guanxi.schema.registry import snapshot
from guanxi.web import gate
from guanxi.web.api import idempotent, rates
from guanxi.web.api.bodies import WRITING, check_headers, check_parameters
from guanxi.web.errors import refused
from guanxi.web.problems import Failed, Malformed, Unauthenticated, WrongMethod, problem

View = Callable[..., HttpResponseBase]
JSON = ("application/json",)
NO_RIGHTS: Mapping[str, Sequence[str]] = MappingProxyType({})
log = logging.getLogger("guanxi.api")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and by what: the same person with another key has requests and idempotency keys of its own."""

    actor: Actor
    name: str


def api(
    *methods: str,
    query: Collection[str] = (),
    produces: Collection[str] = JSON,
    rights: Mapping[str, Sequence[str]] = NO_RIGHTS,
    takes_files: bool = False,
) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """A view of the API: authenticated, its errors told as problems. The view gets the actor after the request.

    ``query`` names the parameters it knows, ``produces`` the media types it answers in, ``rights`` what each method needs of
    the rights to the object of the address: OPTIONS names only what the caller may use. With
    ``takes_files`` a form with a file is taken as well as JSON.
    """

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @wraps(view)
        def call(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            known = (*methods, *(("HEAD",) if "GET" in methods else ()), "OPTIONS")
            if request.method == "OPTIONS":
                return _allowing(HttpResponse(status=204), _usable(request, known, rights, kwargs))
            head = request.method == "HEAD" and "GET" in methods
            if head:
                request.method = "GET"
            try:
                if request.method not in methods:
                    raise WrongMethod(known)
                check_headers(request, produces, takes_files=takes_files)
                needed = rights.get(request.method or "", ())
                response = _answered(
                    request, query, needed, lambda actor: view(request, actor, *args, **kwargs), kwargs
                )
            except GuanxiError as error:
                response = _told(error)
            except SuspiciousOperation:
                response = _told(Malformed(_("The request cannot be read.")))
            response.headers.setdefault("Cache-Control", "no-store")
            return _bare(response) if head else response

        return call

    return decorate


def _answered(
    request: HttpRequest,
    query: Collection[str],
    rights: Sequence[str],
    view: Callable[[Actor], HttpResponseBase],
    kwargs: dict[str, Any],
) -> HttpResponseBase:
    """What a caller who is known gets; every error from here on is in the caller's own language."""
    caller = authenticate(request)
    actor = request.actor = caller.actor  # type: ignore[attr-defined]

    def run() -> HttpResponseBase:
        return view(actor)

    with translation.override(actor.language), timezone.override(actor.zone):
        allowance = None
        try:
            allowance = rates.count(caller.name)
            _require(request, actor, rights, str(kwargs.get("object_key", "")))
            check_parameters(request, query)
            if any(isinstance(value, int) and value >= 2**63 for value in kwargs.values()):
                raise NotFound(_("This does not exist, or you may not see it."))
            if request.method in WRITING and (key := idempotent.key_of(request)):
                response = idempotent.answered(caller.name, key, request, lambda: _safely(request, run))
            else:
                response = _safely(request, run)
        except GuanxiError as error:
            response = _told(error)
            if isinstance(error, rates.Exceeded):
                allowance = error.allowance
                response.headers["Retry-After"] = str(allowance.reset)
        if allowance is not None:
            allowance.tell(response)
        response.headers.setdefault("Content-Language", actor.language)
        return response


def _require(request: HttpRequest, actor: Actor, rights: Sequence[str], object_key: str) -> None:
    """Whoever lacks a right is told that, whatever else is wrong. That an object is closed says the view."""
    kind = snapshot().objects.get(object_key)
    if kind is None or not actor.can("read", kind.key):
        return
    try:
        for right in rights:
            require(actor, right, kind)
    except GuanxiError as error:
        refused(request, error)
        raise


def _safely(request: HttpRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The answer of a view; its errors told as problems, unexpected ones kept in the log."""
    try:
        return view()
    except GuanxiError as error:
        if error.status == 403:
            refused(request, error)
        return _told(error, request.actor)  # type: ignore[attr-defined]
    except SuspiciousOperation:
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        said = _("Something unexpected went wrong; nothing was changed. An administrator finds it in the log.")
        return _told(Failed(said))


def _told(error: GuanxiError, actor: Actor | None = None) -> HttpResponse:
    response = problem(error, actor)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="guanxi"'
    if isinstance(error, WrongMethod):
        _allowing(response, error.methods)
    if error.code == "idempotency_key_in_use":
        response.headers["Retry-After"] = "1"
    return response


def _usable(
    request: HttpRequest, methods: Sequence[str], rights: Mapping[str, Sequence[str]], kwargs: Mapping[str, Any]
) -> list[str]:
    """The methods that the caller may use on the object of the address; all of them where nobody is known."""
    key = str(kwargs.get("object_key", ""))
    try:
        actor = authenticate(request).actor
    except GuanxiError:
        return list(methods)
    if key not in snapshot().objects:
        return list(methods)
    field = snapshot().get(key).fields.get(str(kwargs.get("field_key", "")))
    closed = field is not None and not (field.writable and actor.field_level(key, field.key) == "write")
    return [
        name
        for name in methods
        if all(actor.can(right, key) for right in rights.get(name, ())) and not (closed and name == "PUT")
    ]


def _allowing(response: HttpResponse, methods: Collection[str]) -> HttpResponse:
    response.headers["Allow"] = ", ".join(methods)
    return response


def _bare(response: HttpResponseBase) -> HttpResponseBase:
    """The answer to HEAD: the headers of that to GET, without its body."""
    bare = HttpResponse(status=response.status_code)
    for name, value in response.headers.items():
        bare.headers[name] = value
    if isinstance(response, HttpResponse):
        bare.headers["Content-Length"] = str(len(response.content))
    else:
        response.close()
    return bare


def authenticate(request: HttpRequest) -> Caller:
    """Who calls; :class:`Unauthenticated` in words otherwise. A session needs the CSRF token to write."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _space, secret = header.partition(" ")
        actor = keys.actor_of(secret.strip()) if scheme.lower() == "bearer" else None
        if actor is None:
            raise Unauthenticated(_("This API key is unknown, revoked or expired. Make a new one and use that."))
        gate.admit_key(request, actor.user_id)
        digest = hashlib.sha256(secret.strip().encode()).hexdigest()[:24]
        return Caller(replace(actor, language=_language(request, actor.language)), f"key-{digest}")
    if request.user.is_authenticated:
        if CsrfViewMiddleware(lambda _request: HttpResponse()).process_view(request, _nothing, (), {}) is not None:
            raise Malformed(_("The CSRF token is missing or wrong. Reload the page, or use an API key."))
        return Caller(request.actor, f"person-{request.user.pk}")  # type: ignore[attr-defined]
    raise Unauthenticated(_("Sign in, or send an API key in the header “Authorization: Bearer …”."))


def _language(request: HttpRequest, own: str) -> str:
    """The first language of ``Accept-Language`` that the program speaks, else the person's own."""
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        if code == "*":
            break
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return own


def _nothing(request: HttpRequest) -> HttpResponse:
    """Stands for the view whose CSRF check is made."""
    return HttpResponse()


__all__ = ["JSON", "Caller", "api", "authenticate"]
