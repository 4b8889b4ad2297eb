"""People: a list with what decides their access, and one page each: roles, leaving, seeing as."""

from __future__ import annotations

from dataclasses import replace

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.actor import Actor
from guanxi.access.models import Role, User
from guanxi.engine import keys, write
from guanxi.engine.administration import people, roles
from guanxi.engine.identity.links import directory_person
from guanxi.kernel.errors import Invalid, NotFound
from guanxi.kernel.labels import Label
from guanxi.kernel.text import normalise
from guanxi.schema.registry import snapshot
from guanxi.web import rendering, seeing, widgets
from guanxi.web.account import assisting
from guanxi.web.admin.hub import need
from guanxi.web.numbers_in import whole, wholes
from guanxi.web.request import Request

SIZE = 100


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
        "kind": snapshot().get("user"),
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
        "offered": [(role, closed(request.actor, role.pk)) for role in all_roles()],
        "factors": factors.count(),
        "sessions": len(UserSession.objects.purge_and_list(user)),
        "holdings": people.holdings(user_id),
        "successor": _successor(request.actor, user),
        "keys": keys.of_person(user_id),
        "invitable": assisting.invitable(user),
        "directory": directory_person(user_id),
        "here": "admin",
    }
    return rendering.page(request, "admin/person.html", context)


def all_roles() -> list[Role]:
    """Every role, by name."""
    return list(Role.objects.filter(deleted_at=None).order_by("name", "pk"))


def closed(actor: Actor, role_id: int) -> str:
    """Why the actor may not give a role; empty when the actor may."""
    found = roles.may_give(actor, role_id)
    return roles.beyond(found) if found else ""


def _successor(actor: Actor, user: User) -> widgets.Asked:
    """The lookup for who takes over; the superior is offered first."""
    head = snapshot().get("department").fields["head"].spec
    spec = replace(head, label=Label("Who takes over", "接手人"))
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
    need(request.actor, "user")
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


def _person(user_id: int) -> User:
    user: User | None = User.objects.filter(pk=user_id, deleted_at=None).select_related("department").first()
    if user is None:
        raise NotFound(_("This person does not exist or was deleted."))
    return user
