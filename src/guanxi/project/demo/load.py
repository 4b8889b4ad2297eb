"""Loads the demo company through the write door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.domains.customers.account import Account
from guanxi.engine import write
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Conflict
from guanxi.project.demo.ids import Ids
from guanxi.project.demo.load_customers import load_companies, load_contacts
from guanxi.project.demo.load_setup import load_offerings, load_people
from guanxi.project.demo.load_work import load_deals, load_followups, load_leads, load_tasks
from guanxi.project.demo.people import PASSWORD
from guanxi.project.demo.world import World, make_world

SIGN_INS = ("admin", "manager", "sales")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person one can sign in as."""

    username: str
    password: str
    name: str
    role: str


@dataclass(frozen=True)
class DemoReport:
    """How many records of which object were made, and who can sign in."""

    counts: dict[str, int]
    sign_ins: list[SignIn]


def load_demo(
    *,
    seed: int = 2024,
    today: date | None = None,
    scale: float = 1.0,
    progress: Callable[[str], None] = print,
) -> DemoReport:
    """Make the demo company as of ``today`` and write it, all or nothing.

    Raises :class:`Conflict` where the database already holds accounts: the demo never mixes with real customers.
    """
    if Account.objects.exists():
        raise Conflict(_("This database already holds accounts. The demo company is loaded only into an empty one."))
    progress(_("Inventing the demo company…"))
    world = make_world(seed, today or clock.today(), scale)
    counts: dict[str, int] = {}
    ids = Ids()
    with db.atomic():
        for label, load in _STEPS:
            progress(str(label()))
            with write.change(Actor.program(), cause="demo", note=f"demo {seed}") as door:
                counts.update(load(door, world, ids))
    sign_ins = [
        SignIn(person.username, PASSWORD, person.name, person.role)
        for username in SIGN_INS
        for person in world.people
        if person.username == username
    ]
    return DemoReport(counts, sign_ins)


Step = Callable[[write.Door, World, Ids], dict[str, int]]

_STEPS: tuple[tuple[Callable[[], str], Step], ...] = (
    (lambda: _("People, departments and roles…"), load_people),
    (lambda: _("Products, pipelines, competitors and tags…"), load_offerings),
    (lambda: _("Accounts…"), load_companies),
    (lambda: _("Contacts…"), load_contacts),
    (lambda: _("Opportunities with their history…"), load_deals),
    (lambda: _("Leads…"), load_leads),
    (lambda: _("Follow-ups…"), load_followups),
    (lambda: _("Tasks…"), load_tasks),
)
