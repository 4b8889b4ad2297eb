"""Who can see this, and why, in words: about one record, for one person or everybody; and about one field."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from guanxi.access import explain
from guanxi.access.actor import Actor, actor_for
from guanxi.access.compiled import RoleRules
from guanxi.access.explain import Reason, Subject
from guanxi.access.granted import Level
from guanxi.access.models import Grant, User
from guanxi.access.visibility import every
from guanxi.engine.administration.sharing import principal_names
from guanxi.engine.labels import labels_for
from guanxi.engine.read import missing
from guanxi.engine.rights import scopes_in_words
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

MAX_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Access:
    """One person's access to one record, with the reasons in the reader's words."""

    user_id: int
    name: str
    job_title: str
    read: tuple[str, ...]
    write: tuple[str, ...]


def record_access(actor: Actor, object_key: str, record_id: int, user_id: int | None = None) -> Access:
    """Why a person (the actor when none is named) may see and change a record the actor may see.

    Somebody else's access is for those who may share the record or administrate people.
    """
    subject = _seen(actor, object_key, record_id)
    if user_id is None or user_id == actor.user_id:
        return _Teller(actor, subject).of(actor)
    if not may_see_others(actor, subject.kind):
        raise missing(snapshot().get("user"))
    user = User.objects.filter(pk=user_id, deleted_at=None).first()
    if user is None:
        raise missing(snapshot().get("user"))
    return _Teller(actor, subject).of(actor_for(user), user.job_title)


def people_with_access(actor: Actor, object_key: str, record_id: int) -> tuple[Access, ...]:
    """Every active person who may see the record, by name; at most 500."""
    subject = _seen(actor, object_key, record_id)
    if not may_see_others(actor, subject.kind):
        return (_Teller(actor, subject).of(actor),)
    found = []
    teller = _Teller(actor, subject)
    for user in User.objects.filter(is_active=True, deleted_at=None).order_by("name", "pk").iterator():
        access = teller.of(actor_for(user), user.job_title)
        if access.read or access.write:
            found.append(access)
        if len(found) == MAX_PEOPLE:
            break
    return tuple(found)


def may_see_others(actor: Actor, kind: ObjectType) -> bool:
    """Whether the actor may ask about other people: whoever may share the object, or administrates people or roles."""
    return any((actor.can("share", kind.key), actor.can("administrate", "user"), actor.can("administrate", "role")))


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """What one role says of one field."""

    role: str
    level: str
    """hidden, masked, read or write."""
    mine: bool


def field_access(actor: Actor, object_key: str, field_key: str) -> tuple[str, tuple[FieldAccess, ...]]:
    """The actor's own level on a field the actor may see, and what each role that reads the object says of it."""
    kind = snapshot().get(object_key)
    field = kind.fields.get(field_key)
    if field is None or not actor.can("read", kind.key) or actor.field_level(kind.key, field_key) == "hidden":
        raise missing(kind)
    person = actor.access.people.get(actor.user_id or 0)
    mine = person.roles if person else ()
    told = [
        FieldAccess(str(rules.label), _level(rules, kind, field), role in mine)
        for role, rules in sorted(actor.access.roles.items(), key=lambda pair: str(pair[1].label))
        if rules.allows("read", kind.key, named=kind.declaration.restricted)
    ]
    return actor.field_level(kind.key, field_key), tuple(told)


def _level(rules: RoleRules, kind: ObjectType, field: FieldDefinition) -> str:
    rule = rules.fields.get((kind.key, field.key))
    if rule is None:
        return "write"
    return "masked" if rule.mask != "none" and rule.level != "hidden" else rule.level


def _seen(actor: Actor, object_key: str, record_id: int) -> Subject:
    kind = snapshot().get(object_key)
    if not every(actor, kind, narrow=True).filter(pk=record_id).exists():
        raise missing(kind)
    return Subject(kind, record_id)


class _Teller:
    """Tells one reader about one record; a reason that many people share is put into words once."""

    def __init__(self, reader: Actor, subject: Subject) -> None:
        self.reader = reader
        self.subject = subject
        self.said: dict[Reason, str] = {}

    def of(self, person: Actor, job_title: str = "") -> Access:
        """Why a person may see and change the record."""
        levels: tuple[Level, ...] = ("read", "write")
        sides = [explain.reasons_for(person, self.subject, level) for level in levels]
        read, write = (tuple(dict.fromkeys(self._words(reason) for reason in side)) for side in sides)
        return Access(person.user_id or 0, person.name, job_title, read, write)

    def _words(self, reason: Reason) -> str:
        if reason not in self.said:
            self.said[reason] = _sentence(self.reader, self.subject.kind, reason)
        return self.said[reason]


def _sentence(reader: Actor, kind: ObjectType, reason: Reason) -> str:
    """One reason in the reader's language, telling only what the reader may see."""
    match reason.cause:
        case "administrator":
            return _("Administrators may do everything.")
        case "default":
            return _("Everybody with the right to %(object)s.") % {"object": kind.plural}
        case "scope":
            return _("Role “%(role)s” reaches: %(scope)s.") % {
                "role": reader.access.roles[reason.role or 0].label,
                "scope": scopes_in_words()[reason.scope],
            }
        case "rule":
            return _("Sharing rule “%(rule)s”.") % {"rule": reason.name}
        case "grant":
            return _granted(reason)
    return _parent(reader, kind, reason)


def _granted(reason: Reason) -> str:
    grant = Grant(principal_kind=reason.principal_kind, principal=reason.principal or 0)
    name = principal_names([grant]).get((reason.principal_kind, reason.principal or 0), "")
    told = (
        _("Member of the record's team: %(note)s.") % {"note": reason.name or name}
        if reason.grant_cause == "team"
        else _("Shared with %(name)s.") % {"name": name}
    )
    if reason.expires_at is None:
        return told
    until = formats.date_format(timezone.localtime(reason.expires_at), "SHORT_DATETIME_FORMAT")
    return told + " " + _("Ends %(date)s.") % {"date": until}


def _parent(reader: Actor, kind: ObjectType, reason: Reason) -> str:
    key, pk = reason.parent or ("", 0)
    title = labels_for(reader, {key: [pk]}).get((key, pk), f"#{pk}")
    target = snapshot().get(key)
    return _("Whoever sees the %(object)s “%(title)s” sees its parts.") % {"object": target.label, "title": title}
