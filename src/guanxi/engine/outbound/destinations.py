"""Where a request may go: the name is resolved once, and the connection goes to an address that was checked."""

from __future__ import annotations

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import idna

from guanxi.access import compiled
from guanxi.engine.outbound.addresses import is_public

PORTS = {"http": 80, "https": 443}


class Closed(Exception):
    """The destination may not be reached. ``code`` says why: ``url``, ``name`` (unknown) or ``address`` (not public)."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Destination:
    """A server whose addresses were checked; ``name`` is what its certificate must be for."""

    scheme: str
    name: str
    port: int
    addresses: tuple[str, ...]
    target: str
    """Path and query."""

    @property
    def host(self) -> str:
        """The value of the Host header."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"


def destination(url: str) -> Destination:
    """Where a web address leads. Raises :class:`Closed`."""
    scheme, name, port, target = parts_of(url)
    return Destination(scheme, name, port, reachable(name, port), target)


def parts_of(url: str) -> tuple[str, str, int, str]:
    """Scheme, host name, port and target of a web address. Raises :class:`Closed`."""
    if any(char.isspace() or not char.isprintable() for char in url) or "\\" in url:
        raise Closed("url", url[:200])
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise Closed("url", str(error)[:200]) from error
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None or parts.password is not None:
        raise Closed("url", url[:200])
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii():
        raise Closed("url", url[:200])
    return parts.scheme, plain_name(parts.hostname), port, target


def plain_name(name: str) -> str:
    """A host name in the one form in which it is compared and asked for: lower case, ASCII, no dot at the end."""
    name = name.rstrip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise Closed("url", str(error)[:200]) from error
    return name


def reachable(name: str, port: int) -> tuple[str, ...]:
    """The addresses of a host that may be connected to. Raises :class:`Closed` when there is none.

    Spellings such as ``0x7f.1`` or ``127.1`` are addresses to the resolver: what it makes of them is checked.
    """
    allowed = compiled.current().policy.outbound_allowed
    found = _resolve(name, port)
    if entry(name, port) in allowed:
        return found
    opened = tuple(address for address in found if is_public(address) or entry(address, port) in allowed)
    if not opened:
        raise Closed("address", f"{name} ({', '.join(found)})" if found != (name,) else name)
    return opened


def _resolve(name: str, port: int) -> tuple[str, ...]:
    try:
        answers = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise Closed("name", f"{name}: {error}"[:200]) from error
    return tuple(dict.fromkeys(str(address[0]) for _family, _kind, _protocol, _name, address in answers))


def entry(name: str, port: int) -> str:
    """A host and port as they stand on the list of what is allowed."""
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


def entries_in(texts: Collection[str]) -> tuple[str, ...]:
    """The entries of the list in their one form; :class:`ValueError` with the first that is none."""
    found = []
    for text in texts:
        try:
            parts = urlsplit(f"//{text}")
            port, name = parts.port, parts.hostname
            if not port or not name or parts.path or parts.query or parts.username is not None:
                raise ValueError
            if any(char.isspace() or char in "*<>\"'" for char in name):
                raise ValueError
            name = str(ip_address(name)) if ":" in name else plain_name(name)
        except (ValueError, Closed):
            raise ValueError(text) from None
        found.append(entry(name, port))
    return tuple(dict.fromkeys(found))
