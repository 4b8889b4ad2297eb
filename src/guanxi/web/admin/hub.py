"""The entrance to the administration, and the proof of the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.access.models import AuditEvent, Department, Role, SharingRule, User
from guanxi.engine.aggregates import upkeep
from guanxi.engine.field_index import FieldIndex
from guanxi.kernel.errors import Refused
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.request import Request
from guanxi.web.shell import administrates


@dataclass(frozen=True)
class Card:
    """One way into the administration."""

    href: str
    icon: str
    title: str
    text: str
    number: int | None = None


def need(actor: Actor, key: str) -> None:
    """Raise :class:`Refused` unless the actor administrates this object."""
    if actor.observer is not None or not actor.can("administrate", key):
        raise Refused(
            _("This page is for those who administrate %(objects)s.") % {"objects": snapshot().get(key).plural}
        )


def need_administrator(actor: Actor) -> None:
    """Raise :class:`Refused` unless the actor is an administrator."""
    if not actor.is_administrator or actor.observer is not None:
        raise Refused(_("This page is for administrators."))


@require_GET
def hub(request: Request) -> HttpResponse:
    """The cards, by theme."""
    actor = request.actor
    if not administrates(actor):
        raise Refused(_("This page is for administrators."))
    groups = [
        (_("People and structure"), _people(actor)),
        (_("Permissions"), _permissions(actor)),
        (_("Security"), _security(actor)),
        (_("Integration"), _integration(actor)),
    ]
    context = {"groups": [(label, cards) for label, cards in groups if cards], "here": "admin"}
    return rendering.page(request, "admin/hub.html", context)


def _people(actor: Actor) -> list[Card]:
    found = []
    if actor.can("administrate", "user"):
        active = User.objects.filter(is_active=True, deleted_at=None).count()
        found.append(Card("/admin/people", "users", _("People"), _("Roles, sign-in, leaving with handover"), active))
        found.append(Card("/admin/invite", "user-plus", _("Invite people"), _("One by one or from a table")))
    if actor.can("administrate", "department"):
        number = Department.objects.filter(deleted_at=None).count()
        found.append(Card("/admin/departments", "sitemap", _("Departments"), _("The tree of the company"), number))
    return found


def _permissions(actor: Actor) -> list[Card]:
    found = []
    if actor.can("administrate", "role"):
        number = Role.objects.filter(deleted_at=None).count()
        found.append(
            Card("/admin/roles", "shield", _("Roles"), _("Who may do what, how far, with which fields"), number)
        )
    if actor.can("administrate", "sharing_rule"):
        number = SharingRule.objects.filter(deleted_at=None).count()
        found.append(
            Card("/o/sharing_rule", "share", _("Sharing rules"), _("Open records that meet a condition"), number)
        )
    if actor.is_administrator:
        found.append(
            Card("/admin/defaults", "lock", _("Where objects start"), _("What everybody may do with every record"))
        )
    return found


def _security(actor: Actor) -> list[Card]:
    found = []
    if actor.is_administrator:
        found.append(
            Card(
                "/admin/security",
                "shield-check",
                _("Security policy"),
                _("Passwords, second factor, networks, watermark"),
            )
        )
        text = _("What counts as the same, and what happens then")
        found.append(Card("/admin/duplicates", "copy-check", _("Duplicate rules"), text))
        found.append(
            Card("/admin/retention", "clock", _("Retention"), _("How long deleted records and histories are kept"))
        )
    if actor.can("administrate", "identity_provider"):
        found.append(Card("/o/identity_provider", "key", _("Identity providers"), _("Sign in through OIDC or LDAP")))
    if actor.can("read", "audit_event"):
        number = AuditEvent.objects.count()
        found.append(Card("/activity", "history", _("Activity"), _("Every change in the company, to look at and undo")))
        found.append(Card("/o/audit_event", "list-check", _("Audit log"), _("Who did what, when, from where"), number))
        found.append(
            Card("/admin/audit", "link", _("Proof of the audit log"), _("Check that nothing was changed or removed"))
        )
    return found


def _integration(actor: Actor) -> list[Card]:
    found = []
    if actor.can("administrate", "webhook"):
        number = snapshot().get("webhook").model._default_manager.filter(deleted_at=None).count()
        found.append(Card("/o/webhook", "webhook", _("Webhooks"), _("Tell other programs what happens"), number))
    if actor.is_administrator:
        text = _("What was sent, what failed, sending again")
        found.append(Card("/admin/journal", "activity-heartbeat", _("Deliveries and journal"), text))
        found.append(Card("/admin/search", "search", _("Search index"), _("What is searched, making it anew")))
        text = _("Fields that long lists are filtered by quickly")
        found.append(Card("/admin/indexes", "stopwatch", _("Indexes"), text, FieldIndex.objects.count()))
        text = _("Counts and sums kept for boards and summaries, compared with the records every night.")
        found.append(Card("/admin/sums", "chart-bar", _("Kept sums"), text, len(list(upkeep.aggregates()))))
    return found


@require_GET
def audit_page(request: Request) -> HttpResponse:
    """The page on which the chain of the audit log is verified."""
    if not request.actor.can("read", "audit_event"):
        raise Refused(_("This page is for auditors."))
    return rendering.page(request, "admin/audit.html", {"number": AuditEvent.objects.count(), "here": "admin"})


@require_POST
def verify(request: Request) -> HttpResponse:
    """Walk the chain and say what was found."""
    if not request.actor.can("read", "audit_event"):
        raise Refused(_("This page is for auditors."))
    reasons = {
        "changed": _("The event was changed after it was written."),
        "missing": _("At least one event before this place was removed."),
        "reordered": _("The event does not follow the one before it."),
        "cut": _("Events were removed from the end of the log, or added past it."),
        "head": _("The seal at the end of the log is not ours."),
    }
    finding = audit.verify()
    return rendering.fragment(
        request, "admin/audit_found.html", {"finding": finding, "reason": reasons.get(finding.reason, "")}
    )
