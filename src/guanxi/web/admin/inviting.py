"""Inviting people: one by a form, or many by a table with a preview; the links, and sending them by mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guanxi.access.models import User
from guanxi.engine import write
from guanxi.engine.administration import invitations
from guanxi.engine.parse import parse_values
from guanxi.kernel.errors import Invalid
from guanxi.schema.registry import snapshot
from guanxi.web import rendering, widgets
from guanxi.web.account import assisting
from guanxi.web.account.invitations import link_for
from guanxi.web.admin.hub import need
from guanxi.web.admin.people import all_roles, closed
from guanxi.web.numbers_in import wholes
from guanxi.web.request import Request

EXAMPLE = "username,name,email,department,manager,roles\nli.na,李娜,li.na@example.com,,,salesperson\n"


@require_http_methods(["GET", "POST"])
def invite(request: Request) -> HttpResponse:
    """One person by a form, or many by a table: first a preview, then the links."""
    need(request.actor, "user")
    if request.method == "GET":
        return _invite_page(request, {})
    if request.POST.get("what") == "one":
        return _invite_one(request)
    if request.POST.get("what") == "mail":
        return _mail(request)
    upload = request.FILES.get("file")
    text = upload.read() if upload is not None else request.POST.get("csv", "")
    try:
        with write.change(request.actor, "web") as door:
            candidates = invitations.read(door, text)
            typed = text if isinstance(text, str) else _again(candidates)
            if request.POST.get("what") != "invite" or any(row.errors for row in candidates):
                return _invite_page(request, {"candidates": candidates, "csv": typed})
            made = invitations.invite(door, candidates)
    except Invalid as error:
        shown = text if isinstance(text, str) else ""
        return _invite_page(
            request, {"csv": shown, "problem": " ".join(error.fields.get("file", [error.message]))}, 422
        )
    return _invite_page(request, with_links(request, made))


def _mail(request: Request) -> HttpResponse:
    """Mail their links to people who were just invited."""
    chosen = wholes(request.POST.getlist("user"))
    for number in chosen:
        assisting.mail_invitation(request.actor, number)
    words = ngettext("%(num)d invitation is on its way.", "%(num)d invitations are on their way.", len(chosen))
    return rendering.done(words % {"num": len(chosen)})


def _again(candidates: tuple[invitations.Candidate, ...]) -> str:
    """The rows of an uploaded file as text, so that the preview can be sent again."""
    heads = list(dict.fromkeys(key for row in candidates for key in row.texts))
    lines = [heads, *([row.texts.get(head, "") for head in heads] for row in candidates)]
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines)
    return "\n".join(quoted) + "\n"


def _invite_one(request: Request) -> HttpResponse:
    kind = snapshot().get("user")
    raw = {
        key: request.POST.get(key, "") for key in ("username", "name", "email", "job_title", "department", "manager")
    }
    chosen = wholes(request.POST.getlist("role"))
    try:
        values = parse_values(kind, raw)
        candidate = invitations.Candidate(1, {"username": raw["username"]}, values, tuple(chosen))
        with write.change(request.actor, "web") as door:
            made = invitations.invite(door, [candidate])
    except Invalid as error:
        return _invite_page(request, {"raw": raw, "errors": error.fields, "ticked": chosen}, 422)
    return _invite_page(request, with_links(request, made))


def with_links(request: Request, made: list[User]) -> dict[str, Any]:
    """What the list of links shows: each person's own, and to whom it could be mailed."""
    links = [(user, request.build_absolute_uri(link_for(user))) for user in made]
    return {"links": links, "mailable": assisting.mailable(made)}


def _invite_page(request: Request, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    kind = snapshot().get("user")
    keys = ("username", "name", "email", "job_title", "department", "manager")
    asked = widgets.ask(
        request.actor,
        [(key, kind.fields[key].spec) for key in keys],
        context.get("raw", {}),
        errors=context.get("errors"),
        object_key="user",
    )
    everything = {
        "kind": kind,
        "asked": asked,
        "offered": [role for role in all_roles() if not closed(request.actor, role.pk)],
        "example": EXAMPLE,
        "ticked": [],
        "links": [],
        "mailable": [],
        "candidates": (),
        "problem": "",
        "csv": "",
        "here": "admin",
        **context,
    }
    return rendering.page(request, "admin/invite.html", everything, status)
