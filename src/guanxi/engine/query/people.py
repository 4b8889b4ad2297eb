"""``me`` and ``my_team`` in conditions on people."""

from __future__ import annotations

from guanxi.access.actor import Actor
from guanxi.engine.query.resolve import ME, MY_TEAM
from guanxi.schema.definition import FieldDefinition


def people_of(name: str, field: FieldDefinition, actor: Actor) -> set[int] | None:
    """The people a keyword stands for; ``None`` when the text is no keyword of this field.

    ``my_team`` is everybody in my department and below it, and everybody who reports to me.
    """
    if field.spec.target != "user" or name not in (ME, MY_TEAM):
        return None
    me = actor.user_id or 0
    if name == ME:
        return {me}
    team = set(actor.access.reports_of(me))
    person = actor.access.people.get(me)
    if person is not None and person.department is not None:
        team |= actor.access.people_in(actor.access.departments_below(person.department))
    return team
