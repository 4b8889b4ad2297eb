"""People: a list with what decides their access, one page each, and the invitation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.access.models import Role, User
from guanxi.engine import write
from guanxi.engine.administration import invitations, people, roles
from guanxi.engine.parse import parse_values
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.kernel.text import normalise
from guanxi.schema.registry import snapshot
from guanxi.web import rendering, seeing, widgets
from guanxi.web.account import guessing, security
from guanxi.web.account.invitations import link_for
from guanxi.web.admin.hub import need
from guanxi.web.numbers_in import whole, wholes
from guanxi.web.request import Request

SIZE = 100
EXAMPLE = "username,name,email,department,manager,roles\nli.na,李娜,li.na@example.com,,,salesperson\n"


@require_GET
def index(request: Request) -> HttpResponse:
    """The list: name, department, roles, second factor, last sign-in."""
    need(request.actor, "user")
    asked, state = request.GET.get("q", "").strip(), request.GET.get("state", "active")
    found = User.objects.filter(deleted_at=None).order_by("name", "pk").select_related("department")
    if state in ("active", "inactive"):
        found = found.filter(is_active=state == "active")
    for word in normalise(asked).split():
        found = found.filter(Q(search_key__contains=word) | Q(username__icontains=word))
    page = max(1, min(whole(request.GET.get("page", "1")) or 1, 10_000))
    rows = list(found[(page - 1) * SIZE : page * SIZE + 1])
    context = {
        "people": rows[:SIZE],
        "roles": _roles_by_person(rows),
        "secured": set(Authenticator.objects.filter(user__in=rows).values_list("user_id", flat=True)),
        "asked": asked,
        "state": state,
        "page_number": page,
        "more": len(rows) > SIZE,
        "here": "admin",
    }
    return rendering.page(request, "admin/people.html", context)


def _roles_by_person(rows: list[User]) -> dict[int, list[str]]:
    held: dict[int, list[str]] = {}
    through = User.roles.through.objects.filter(user__in=rows, role__deleted_at=None).order_by("role__name")
    for link in through.select_related("role"):
        held.setdefault(link.user_id, []).append(str(link.role.label))
    return held


@require_GET
def show(request: Request, user_id: int) -> HttpResponse:
    """One person: roles, sign-in, leaving."""
    need(request.actor, "user")
    user = _person(user_id)
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    context = {
        "user": user,
        "chosen": {role.pk for role in people.roles_of(user_id)},
        "offered": [(role, _closed(request.actor, role.pk)) for role in _all_roles()],
        "factors": factors.count(),
        "sessions": UserSession.objects.filter(user=user).count(),
        "holdings": people.holdings(user_id),
        "successor": _successor(request.actor, user),
        "invitable": user.is_active and not user.has_usable_password(),
        "here": "admin",
    }
    return rendering.page(request, "admin/person.html", context)


def _all_roles() -> list[Role]:
    return list(Role.objects.filter(deleted_at=None).order_by("name", "pk"))


def _closed(actor: Actor, role_id: int) -> str:
    """Why the actor may not give a role; empty when the actor may."""
    found = roles.may_give(actor, role_id)
    return roles.beyond(found) if found else ""


def _successor(actor: Actor, user: User) -> widgets.Asked:
    """The lookup for who takes over; the superior is offered first."""
    spec = snapshot().get("department").fields["head"].spec
    raw = {"successor": str(user.manager_id or "")}
    return widgets.ask(actor, [("successor", spec)], raw)[0]


@require_POST
def set_roles(request: Request, user_id: int) -> HttpResponse:
    """Save the ticked roles, and whether the person is an administrator."""
    with write.change(request.actor, "web") as door:
        people.set_roles(door, user_id, wholes(request.POST.getlist("role")))
        if request.actor.is_administrator:
            people.set_administrator(door, user_id, request.POST.get("administrator") == "yes")
    return rendering.go(request, f"/admin/people/{user_id}", _("Saved."))


@require_POST
def deactivate(request: Request, user_id: int) -> HttpResponse:
    """Let a person leave, with the records going to the successor if one was chosen."""
    successor = whole(request.POST.get("successor", ""))
    if successor is None and people.holdings(user_id) and request.POST.get("leave") != "yes":
        raise Invalid(_("Choose who takes over the records, or tick that they stay where they are."))
    with write.change(request.actor, "web") as door:
        moved = people.deactivate(door, user_id, successor)
    words = ngettext("Deactivated; %(num)d record handed over.", "Deactivated; %(num)d records handed over.", moved)
    return rendering.go(request, f"/admin/people/{user_id}", words % {"num": moved})


@require_POST
def activate(request: Request, user_id: int) -> HttpResponse:
    """Let a person sign in again."""
    with write.change(request.actor, "web") as door:
        people.activate(door, user_id)
    return rendering.go(request, f"/admin/people/{user_id}", _("The person can sign in again."))


@require_POST
def reset_factors(request: Request, user_id: int) -> HttpResponse:
    """Take away a person's second factors, when the device was lost. For administrators."""
    if not request.actor.is_administrator:
        raise Refused(_("Only an administrator can take away somebody's second factor."))
    user = _person(user_id)
    Authenticator.objects.filter(user=user).delete()
    audit.note("mfa_changed", request.actor, object_key="user", record=user_id, detail=f"{user.username}: reset")
    return rendering.go(request, f"/admin/people/{user_id}", _("The second factor was taken away."))


@require_POST
def unlock(request: Request, user_id: int) -> HttpResponse:
    """Let a person who typed too many wrong passwords try again at once."""
    user = _changeable(request.actor, user_id)
    guessing.unlock(user)
    audit.note(
        "permission_changed", request.actor, object_key="user", record=user_id, detail=f"{user.username}: unlocked"
    )
    return rendering.go(request, f"/admin/people/{user_id}", _("The person can try again."))


@require_POST
def end_sessions(request: Request, user_id: int) -> HttpResponse:
    """Sign the person out everywhere."""
    user = _changeable(request.actor, user_id)
    found = list(UserSession.objects.filter(user=user))
    security.end_sessions(user, found)
    words = ngettext("%(number)d session is ended.", "%(number)d sessions are ended.", len(found))
    return rendering.go(request, f"/admin/people/{user_id}", words % {"number": len(found)})


def _changeable(actor: Actor, user_id: int) -> User:
    """The person, if the actor administrates people; administrators are for administrators alone."""
    need(actor, "user")
    user = _person(user_id)
    if user.is_superuser and not actor.is_administrator:
        raise Refused(_("Only an administrator can change an administrator."))
    return user


@require_POST
def invitation(request: Request, user_id: int) -> HttpResponse:
    """Make a new link by which the person sets a password."""
    need(request.actor, "user")
    user = _person(user_id)
    if not user.is_active or user.has_usable_password() or (user.is_superuser and not request.actor.is_administrator):
        raise Refused(_("Only a person who has not set a password yet can be invited."))
    audit.note("invited", request.actor, object_key="user", record=user_id, detail=user.username)
    link = request.build_absolute_uri(link_for(user))
    return rendering.fragment(request, "admin/links.html", {"links": [(user, link)]})


@require_POST
def see_as(request: Request, user_id: int) -> HttpResponse:
    """Look as this person."""
    seeing.start(request, request.actor, user_id)
    return rendering.go(request, "/")


@require_POST
def end_seeing(request: Request) -> HttpResponse:
    """Look as oneself again."""
    held = request.session.get(seeing.KEY, {}).get("user")
    seeing.end(request)
    return rendering.go(request, f"/admin/people/{held}" if held else "/")


@require_http_methods(["GET", "POST"])
def invite(request: Request) -> HttpResponse:
    """One person by a form, or many by a table: first a preview, then the links."""
    need(request.actor, "user")
    if request.method == "GET":
        return _invite_page(request, {})
    if request.POST.get("what") == "one":
        return _invite_one(request)
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
    return _invite_page(request, {"links": _links(request, made)})


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
    return _invite_page(request, {"links": _links(request, made)})


def _links(request: Request, made: list[User]) -> list[tuple[User, str]]:
    return [(user, request.build_absolute_uri(link_for(user))) for user in made]


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
        "asked": asked,
        "offered": [role for role in _all_roles() if not _closed(request.actor, role.pk)],
        "example": EXAMPLE,
        "ticked": [],
        "links": [],
        "candidates": (),
        "problem": "",
        "csv": "",
        "here": "admin",
        **context,
    }
    return rendering.page(request, "admin/invite.html", everything, status)


def _person(user_id: int) -> User:
    user: User | None = User.objects.filter(pk=user_id, deleted_at=None).select_related("department").first()
    if user is None:
        raise NotFound(_("This person does not exist or was deleted."))
    return user
