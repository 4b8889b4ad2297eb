"""API keys: shown once, kept as a hash, never wider than their owner."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import RIGHTS, Actor, actor_for
from guanxi.access.models import User
from guanxi.engine.models import ApiKey
from guanxi.kernel import clock, prepared
from guanxi.kernel.errors import Invalid, NotFound, Refused

PREFIX = "gx_"
_USED_AT_MOST_EVERY = timedelta(minutes=5)


def issue(
    actor: Actor, name: str, rights: Sequence[str] = (), expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A new key of the actor and its secret text, which is never shown again. Empty ``rights`` leaves all of the owner's."""
    if not name.strip() or len(name) > 120:
        raise Invalid(_("Give the key a name of at most 120 characters."), {"name": [_("Give the key a name.")]})
    if unknown := [right for right in rights if right not in RIGHTS]:
        raise Invalid(_("“%(right)s” is not a right.") % {"right": unknown[0][:40]})
    if actor.allowed is not None:
        rights = [right for right in (rights or RIGHTS) if right in actor.allowed]
    secret = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        owner_id=actor.user_id or 0,
        name=name.strip(),
        prefix=secret[:10],
        digest=_digest(secret),
        rights=list(rights),
        created_at=clock.now(),
        expires_at=expires_at,
    )
    audit.note("key_made", actor, detail=_told(key.name, key.prefix))
    return key, secret


def of(actor: Actor) -> tuple[ApiKey, ...]:
    """The actor's keys that were not revoked, newest first."""
    return of_person(actor.user_id or 0)


def of_person(user_id: int) -> tuple[ApiKey, ...]:
    """A person's keys that were not revoked, newest first; who may ask is for the caller to know."""
    return tuple(ApiKey.objects.filter(owner_id=user_id, revoked_at=None).order_by("-id"))


def revoke(actor: Actor, key_id: int) -> None:
    """Make one of the actor's keys useless from now on. A key that was narrowed cannot do that to any."""
    if actor.allowed is not None:
        raise Refused(_("This API key does not have all of your rights, so it cannot revoke keys. Sign in to do that."))
    live = ApiKey.objects.filter(pk=key_id, owner_id=actor.user_id, revoked_at=None)
    key = live.first()
    if key is None or not live.update(revoked_at=clock.now()):
        raise NotFound(_("This key does not exist or has been revoked already."))
    audit.note("key_revoked", actor, detail=_told(key.name, key.prefix))


def revoke_of_person(actor: Actor, owner: User, chosen: Collection[int] = ()) -> int:
    """Make keys of somebody else useless, all when none is chosen; the number revoked. Who may is for the caller to know."""
    live = [key for key in of_person(owner.pk) if not chosen or key.pk in chosen]
    for key in live:
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=clock.now())
        told = f"{owner.username}: {_told(key.name, key.prefix)}"
        audit.note("key_revoked", actor, object_key="user", record=owner.pk, detail=told)
    return len(live)


def actor_of(secret: str) -> Actor | None:
    """The actor a key stands for; ``None`` when the key is unknown, revoked, expired or its owner is inactive."""
    if not secret.startswith(PREFIX):
        return None
    now = clock.now()
    found = prepared.rows(_live, _digest(secret), now, now - _USED_AT_MOST_EVERY)
    if not found:
        return None
    pk, name, prefix, rights, used_before, owner, owner_name, preferences, superuser = found[0]
    actor = actor_for(
        User(pk=owner, name=owner_name, preferences=json.loads(preferences), is_superuser=bool(superuser))
    )
    if used_before:
        ApiKey.objects.filter(pk=pk).update(last_used_at=now)
        audit.note("key_used", actor, detail=_told(name, prefix))
    allowed = json.loads(rights)
    return replace(actor, allowed=frozenset(allowed)) if allowed else actor


def _live(digest: str, now: datetime, lately: datetime) -> QuerySet[Any]:
    """The key, if it may be used, with its owner; JSON as it is stored."""
    used_before = ExpressionWrapper(Q(last_used_at=None) | Q(last_used_at__lt=lately), BooleanField())
    live = ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, digest=digest)
    live = live.filter(owner__is_active=True, owner__deleted_at=None).annotate(used_before=used_before)
    owner = ("owner_id", "owner__name", "owner__preferences", "owner__is_superuser")
    return live.values_list("pk", "name", "prefix", "rights", "used_before", *owner)


def _told(name: str, prefix: str) -> str:
    """The key as the audit log names it: never by its secret."""
    return f"{name} ({prefix}…)"


def _digest(secret: str) -> str:
    """Keys hold 256 random bits, so a plain hash cannot be reversed by guessing."""
    return hashlib.sha256(secret.encode()).hexdigest()
