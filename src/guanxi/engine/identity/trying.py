"""The action “Test connection”: asks the provider as a sign-in would, and says in words what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
from django.utils.translation import gettext as _

from guanxi.engine.identity import directory, discovery
from guanxi.kernel.errors import Refused
from guanxi.schema.declaration import Outcome
from guanxi.schema.record import Record
from guanxi.schema.rules import WriteDoor


def try_out(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """Ask the provider. :class:`Refused` with the reason when it does not answer as it should."""
    provider: Any = record
    here = ("identity_provider", provider.pk)
    if provider.kind == "ldap":
        return Outcome(_directory(provider), here)
    try:
        discovery.test(provider)
    except (requests.RequestException, ValueError, discovery.Mistaken) as error:
        message = _("The server does not answer as an OpenID Connect provider should: %(reason)s")
        raise Refused(message % {"reason": reason(error)}) from error
    message = _(
        "The server answers and publishes its keys. It must know our redirect address, which ends with %(path)s"
    )
    return Outcome(message % {"path": f"/signin/oidc/{provider.pk}/callback"}, here)


def _directory(provider: Any) -> str:
    try:
        found = directory.check(provider)
    except directory.Unavailable as error:
        message = _("The directory cannot be used: %(reason)s")
        raise Refused(message % {"reason": reason(error.__cause__ or error)}) from error
    if not found:
        raise Refused(_("The directory answers, but finds nobody. Check the base DN and the filter for people."))
    return _("The directory answers and knows people.")


def reason(error: BaseException) -> str:
    """What the other side or the network said, short enough for a sentence."""
    if isinstance(error, requests.ConnectionError):
        return _("it cannot be reached, or its certificate is not trusted")
    if isinstance(error, requests.Timeout):
        return _("it does not answer in time")
    return str(error)[:200]
