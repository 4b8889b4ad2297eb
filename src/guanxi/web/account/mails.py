"""Mails about signing in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _
from django_tasks import task

from guanxi.access.models import User
from guanxi.engine.identity.links import directory_person
from guanxi.web.account import links
from guanxi.web.account.backend import person_called


@task()
def send_forgotten(name: str, language: str) -> None:
    """Send a link for a new password to whoever has this name or mail address; nothing if nobody has.

    A job, so that the answer to the one who asks takes the same time whether the name exists or not.
    """
    person = person_called(name)
    if person is None or not person.is_active or not person.email or not person.has_usable_password():
        return
    if directory_person(person.pk):
        return
    with translation.override(person.preferences.get("language") or language):
        address = f"{settings.GUANXI.address}/signin/reset/{links.token(person, links.FORGOTTEN)}"
        _send(person, _("A new password for Guanxi"), _forgotten(person, address))


def _forgotten(person: User, address: str) -> str:
    values: dict[str, Any] = {"name": person.name, "address": address}
    return (
        _(
            "Hello %(name)s,\n\nsomebody, most likely you, has asked for a new password. Open this address within "
            "one hour to set it:\n\n%(address)s\n\nIf it was not you, do nothing: your password stays as it is.\n"
        )
        % values
    )


@task()
def send_invitation(user_id: int, by: str, language: str) -> None:
    """Send an invited person the link by which the first password is set; nothing if it was set meanwhile.

    The link is made here, so that none lies among the jobs that wait.
    """
    person = User.objects.filter(pk=user_id, is_active=True, deleted_at=None).first()
    if person is None or not person.email or person.has_usable_password():
        return
    with translation.override(person.preferences.get("language") or language):
        address = f"{settings.GUANXI.address}/signin/invited/{links.token(person, links.INVITATION)}"
        values: dict[str, Any] = {"name": person.name, "by": by, "username": person.username, "address": address}
        _send(person, _("You are invited to Guanxi"), _invited() % values)


def _invited() -> str:
    return _(
        "Hello %(name)s,\n\n%(by)s has invited you to Guanxi. Open this address within seven days to set your "
        "password:\n\n%(address)s\n\nYour user name is %(username)s.\n"
    )


def _send(person: User, subject: str, text: str) -> None:
    send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [str(person.email)])
