"""``guanxi unlock`` and ``guanxi policy``: the ways back in when a lock, a lost phone or a rule shuts everybody out."""

from __future__ import annotations

import argparse
from typing import Any

from guanxi.project.config import ConfigError


def register(commands: Any) -> None:
    """Add the parsers."""
    parser = commands.add_parser("unlock", help="let a person try to sign in again")
    parser.add_argument("--username", required=True, help="the name the person signs in with")
    parser.add_argument("--factors", action="store_true", help="also remove app, passkeys and recovery codes")
    parser.set_defaults(run=run_unlock)
    parser = commands.add_parser("policy", help="open a security policy that shuts everybody out")
    parser.add_argument("what", choices=["reset-networks"], help="reset-networks: people may come from everywhere")
    parser.set_defaults(run=run_policy)


def run_unlock(arguments: argparse.Namespace) -> int:
    """Forget the failed attempts of a person."""
    _start()
    from allauth.mfa.models import Authenticator

    from guanxi.access import audit
    from guanxi.kernel import db
    from guanxi.web.account import guessing
    from guanxi.web.account.backend import person_called

    person = person_called(arguments.username)
    if person is None:
        raise ConfigError(f"Nobody is called {arguments.username!r}; look at the list of people.")
    with db.atomic():
        guessing.unlock(person)
        print(f"{person.username} can try again.")
        if arguments.factors:
            Authenticator.objects.filter(user=person).delete()
            audit.note("mfa_changed", person=person.pk, name=person.name, detail="removed on the command line")
            print("The second factors are removed.")
    return 0


def run_policy(arguments: argparse.Namespace) -> int:
    """Take the networks out of the company's policy and of every role."""
    _start()
    from guanxi.access import audit
    from guanxi.access.models import Role, SecurityPolicy
    from guanxi.kernel import db
    from guanxi.schema import registry

    with db.atomic():
        row, _made = SecurityPolicy.objects.get_or_create(pk=1)
        row.values = {key: value for key, value in row.values.items() if key != "networks"}
        row.save()
        roles = list(Role.objects.exclude(networks="").exclude(networks=None))
        _open(roles)
        audit.note("policy_changed", name="command line", detail="networks removed")
        registry.bump("access")
    print(f"People may come from everywhere ({len(roles)} roles opened as well).")
    return 0


def _open(roles: list[Any]) -> None:
    from guanxi.access.actor import Actor
    from guanxi.engine import write

    if roles:
        with write.change(Actor.program(), cause="emergency") as door:
            door.update_many("role", [role.pk for role in roles], {"networks": None})


def _start() -> None:
    from guanxi.project import django_start

    django_start.start()
    django_start.require_database()
