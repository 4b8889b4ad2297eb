"""What a page asks before it shows a way to something the doors would refuse anyway."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.kernel.errors import Refused
from guanxi.schema import registry
from guanxi.schema.definition import ObjectType


def readable(actor: Actor, object_key: str) -> ObjectType:
    """The object, if the actor may read it; :class:`Refused` in words otherwise."""
    kind = registry.get(object_key)
    if not actor.can("read", kind.key):
        raise Refused(
            _("Your roles do not let you see %(objects)s. Ask an administrator if you need them.")
            % {"objects": kind.plural}
        )
    return kind


def allowed(actor: Actor, right: str, kind: ObjectType) -> None:
    """Raise :class:`Refused` in words unless the actor holds the right on the object."""
    if not actor.can(right, kind.key):
        raise Refused(
            _("Your roles do not let you do this with %(objects)s. Ask an administrator if you need it.")
            % {"objects": kind.plural}
        )
