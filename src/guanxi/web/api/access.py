"""Who calls: an API key in the Authorization header, or the session of a signed-in person."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from guanxi.access.actor import Actor
from guanxi.engine import keys
from guanxi.kernel.errors import GuanxiError
from guanxi.web import gate
from guanxi.web.api.errors import problem
from guanxi.web.errors import refused

MAX_BODY = 5_000_000
View = Callable[..., HttpResponseBase]


class Unauthenticated(GuanxiError):
    """No usable key and no session."""

    status = 401
    code = "unauthenticated"


class Malformed(GuanxiError):
    """The request cannot be read."""

    status = 400
    code = "malformed"


class WrongMethod(GuanxiError):
    """The address does not know this method."""

    status = 405
    code = "method_not_allowed"


def api(*methods: str) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """A view of the API: authenticated, its errors told as problems. The view gets the actor after the request."""

    def decorate(view: View) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @wraps(view)
        def call(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                if request.method not in methods:
                    raise WrongMethod(_("Use one of these methods: %(methods)s.") % {"methods": ", ".join(methods)})
                actor = request.actor = authenticate(request)  # type: ignore[attr-defined]
                with translation.override(actor.language), timezone.override(actor.zone):
                    return view(request, actor, *args, **kwargs)
            except GuanxiError as error:
                response = problem(error, getattr(request, "actor", None))
                if error.status == 403:
                    refused(request, error)
                if error.status == 401:
                    response["WWW-Authenticate"] = 'Bearer realm="guanxi"'
                if error.status == 405:
                    response["Allow"] = ", ".join(methods)
                return response

        return call

    return decorate


def authenticate(request: HttpRequest) -> Actor:
    """The actor of a request; :class:`Unauthenticated` in words otherwise. A session needs the CSRF token to write."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _space, secret = header.partition(" ")
        actor = keys.actor_of(secret.strip()) if scheme.lower() == "bearer" else None
        if actor is None:
            raise Unauthenticated(_("This API key is unknown, revoked or expired. Make a new one and use that."))
        gate.admit_key(request, actor.user_id)
        return actor
    if request.user.is_authenticated:
        if CsrfViewMiddleware(lambda _request: HttpResponse()).process_view(request, _nothing, (), {}) is not None:
            raise Malformed(_("The CSRF token is missing or wrong. Reload the page, or use an API key."))
        return request.actor  # type: ignore[attr-defined,no-any-return]
    raise Unauthenticated(_("Sign in, or send an API key in the header “Authorization: Bearer …”."))


def _nothing(request: HttpRequest) -> HttpResponse:
    """Stands for the view whose CSRF check is made."""
    return HttpResponse()


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in the body; :class:`Malformed` in words when there is none."""
    if len(request.body) > MAX_BODY:
        raise Malformed(_("The body is too large. Send at most %(size)d bytes.") % {"size": MAX_BODY})
    if not request.body:
        return {}
    try:
        text = request.body.decode("utf-8")
        if text.count("[") + text.count("{") > 10_000:
            raise ValueError(text[:10])
        data = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed(_("The body is not valid JSON in UTF-8.")) from error
    if not isinstance(data, dict):
        raise Malformed(_("The body must be a JSON object."))
    return data


def _no_constant(name: str) -> float:
    """NaN and Infinity are not JSON."""
    raise ValueError(name)
