"""An LDAP directory: finding a person's entry, and proving the password by binding as the person."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from ldap3 import ANONYMOUS, NONE, SIMPLE, SUBTREE, Connection, Server, Tls
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

from guanxi.engine.identity.certificates import context_for
from guanxi.engine.identity.claims import Claims
from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.text import UNSTORABLE

if TYPE_CHECKING:
    from guanxi.engine.identity.provider import IdentityProvider

log = logging.getLogger("guanxi.signin")
CONNECT_SECONDS = 5
ANSWER_SECONDS = 10
LONGEST = 256
"""Characters of a user name or password that are worth asking a server about."""


class Unavailable(GuanxiError):
    """The directory could not be asked. The message is for the person; the log has the reason."""

    status = 503
    code = "directory"


class VerifiedTls(Tls):  # type: ignore[misc]  # ldap3 has no types
    """TLS by Python's own context, which checks the chain and the host name; ldap3's checks neither by itself."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.context = context

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        """Called by ldap3 for ``ldaps`` and for StartTLS."""
        connection.socket = self.context.wrap_socket(connection.socket, server_hostname=connection.server.host)


def sign_in(provider: IdentityProvider, username: str, password: str) -> Claims | None:
    """What the directory says of the person, if the password is right; ``None`` if not. Raises :class:`Unavailable`.

    An empty password is never sent: directories take it for an anonymous bind and answer with success.
    """
    if not username or not password or max(len(username), len(password)) > LONGEST or UNSTORABLE.search(username):
        return None
    with _guarded(provider), _service(provider) as service:
        entry = _entry(provider, service, username)
        if entry is None or not _proves(provider, entry["dn"], password):
            return None
        return _claims(provider, service, entry)


def check(provider: IdentityProvider) -> int:
    """How many people the search account finds, up to 5. Raises :class:`Unavailable`."""
    with _guarded(provider), _service(provider) as service:
        wanted = provider.user_filter.replace("{username}", "*")
        return len(_search(service, provider.base_dn, wanted, [provider.username_attribute], limit=5))


@contextmanager
def _guarded(provider: IdentityProvider) -> Iterator[None]:
    """Everything that goes wrong on the way becomes :class:`Unavailable`, with the reason in the log."""
    try:
        yield
    except (LDAPException, OSError, ValueError) as error:
        log.error("The directory “%s” could not be asked: %s", provider.name, error)
        message = _("“%(name)s” cannot be reached at the moment. Try again later, or ask an administrator.")
        raise Unavailable(message % {"name": provider.title}) from error


@contextmanager
def _service(provider: IdentityProvider) -> Iterator[Connection]:
    """A connection of the search account, or an anonymous one where there is none."""
    user = provider.bind_dn or None
    connection = _open(provider, user, provider.secret("bind_password") if user else None)
    try:
        if not connection.bind():
            raise LDAPException(f"the search account is refused: {connection.result['description']}")
        yield connection
    finally:
        connection.unbind()


def _open(provider: IdentityProvider, user: str | None, password: str | None) -> Connection:
    """A connection that is encrypted where it has to be, not bound yet."""
    if user is not None and not password:
        raise LDAPException("the search account has no password")
    parts = urlsplit(provider.server_url)
    secure = parts.scheme == "ldaps"
    server = Server(
        parts.hostname,
        port=parts.port or (636 if secure else 389),
        use_ssl=secure,
        tls=VerifiedTls(context_for(provider.ca_certificate)),
        connect_timeout=CONNECT_SECONDS,
        get_info=NONE,
    )
    connection = Connection(
        server,
        user=user,
        password=password,
        authentication=SIMPLE if user else ANONYMOUS,
        auto_referrals=False,
        receive_timeout=ANSWER_SECONDS,
        read_only=True,
        check_names=False,
    )
    connection.open()
    if provider.start_tls and not connection.start_tls():
        raise LDAPException("StartTLS was refused")
    return connection


def _entry(provider: IdentityProvider, service: Connection, username: str) -> dict[str, Any] | None:
    """The one entry of this user name."""
    wanted = provider.user_filter.replace("{username}", escape_filter_chars(username))
    names = [getattr(provider, f"{key}_attribute") for key in _ATTRIBUTES]
    found = _search(service, provider.base_dn, wanted, [name for name in names if name], limit=2)
    if len(found) > 1:
        log.warning("The directory “%s” has several entries for one user name; nobody is let in.", provider.name)
    return found[0] if len(found) == 1 else None


_ATTRIBUTES = ("subject", "username", "name", "mail", "phone", "department", "groups")


def _search(service: Connection, base: str, wanted: str, attributes: list[str], *, limit: int) -> list[dict[str, Any]]:
    done = service.search(
        base, wanted, search_scope=SUBTREE, attributes=attributes, size_limit=limit, time_limit=ANSWER_SECONDS
    )
    told = service.result["description"]
    if not done and told not in ("success", "sizeLimitExceeded", "noSuchObject"):
        raise LDAPException(f"the search is refused: {told}")
    return [one for one in service.response or () if one.get("type") == "searchResEntry" and one.get("dn")]


def _proves(provider: IdentityProvider, dn: str, password: str) -> bool:
    """Whether the directory accepts the password for this entry."""
    connection = _open(provider, dn, password)
    try:
        return bool(connection.bind()) and connection.result["description"] == "success"
    finally:
        connection.unbind()


def _claims(provider: IdentityProvider, service: Connection, entry: dict[str, Any]) -> Claims:
    subject = _permanent(entry, provider.subject_attribute)
    if not subject:
        raise LDAPException(f"the entry has no attribute {provider.subject_attribute}, which names people for good")
    username = _first(entry, provider.username_attribute)
    if not username:
        raise LDAPException(f"the entry has no attribute {provider.username_attribute}")
    return Claims(
        subject=subject,
        username=username,
        name=_first(entry, provider.name_attribute) or username,
        mail=_first(entry, provider.mail_attribute),
        mail_verified=True,  # the directory is the company's own: its administrators wrote the address
        phone=_first(entry, provider.phone_attribute),
        department=_first(entry, provider.department_attribute),
        groups=_groups(provider, service, entry, username),
    )


def _groups(provider: IdentityProvider, service: Connection, entry: dict[str, Any], username: str) -> tuple[str, ...]:
    """The groups by DN and by common name."""
    names = _all(entry, provider.groups_attribute)
    if provider.group_base_dn and provider.group_filter:
        wanted = provider.group_filter.replace("{username}", escape_filter_chars(username))
        wanted = wanted.replace("{dn}", escape_filter_chars(entry["dn"]))
        names += [one["dn"] for one in _search(service, provider.group_base_dn, wanted, ["cn"], limit=500)]
    return tuple(dict.fromkeys(form for name in names for form in (name, _common_name(name))))


def _common_name(name: str) -> str:
    """The value of the first part of a DN; a name that is no DN stays as it is."""
    try:
        return str(parse_dn(name)[0][1])
    except (LDAPException, IndexError):
        return name


def _permanent(entry: dict[str, Any], attribute: str) -> str:
    """The id as text; a binary one (objectGUID) in hexadecimal."""
    raw = (_folded(entry.get("raw_attributes", {})).get(attribute.lower()) or [b""])[0]
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        return str(raw.hex())
    return text if text.isprintable() else str(raw.hex())


def _first(entry: dict[str, Any], attribute: str) -> str:
    return next(iter(_all(entry, attribute)), "")


def _all(entry: dict[str, Any], attribute: str) -> list[str]:
    """The values of an attribute as texts, without regard to the case of its name."""
    if not attribute:
        return []
    raw = _folded(entry.get("raw_attributes", {})).get(attribute.lower()) or []
    texts = [UNSTORABLE.sub("", value.decode("utf-8", "replace")).strip() for value in raw]
    return [text for text in texts if text]


def _folded(attributes: Any) -> dict[str, list[bytes]]:
    return {str(name).lower(): list(values) for name, values in attributes.items()}
