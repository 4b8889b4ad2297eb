"""One request, to an address that was checked, within a time and a size; nothing is taken from the environment."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from urllib.parse import urljoin

import certifi
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from guanxi.engine.outbound.destinations import Closed, Destination, destination

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
"""For everything after the name is resolved."""
LARGEST = 1_000_000
"""Bytes read of an answer."""
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class Unreachable(Exception):
    """No answer. ``code`` is ``timeout``, ``tls`` or ``connection``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool
    """Whether the body is longer than what was read."""


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    redirects: int = 0,
    largest: int = LARGEST,
    seconds: float = TOTAL_SECONDS,
) -> Answer:
    """The answer, whatever its status. Raises :class:`Closed` or :class:`Unreachable`.

    Redirects are followed for GET alone, as often as given, each checked like the first address.
    """
    while True:
        answer = _ask(destination(url), method, headers or {}, body, largest, seconds)
        location = answer.headers.get("location", "")
        if answer.status not in _REDIRECTS or method != "GET" or redirects <= 0 or not location:
            return answer
        url, redirects = urljoin(url, location), redirects - 1


def _ask(
    to: Destination, method: str, headers: Mapping[str, str], body: bytes | None, largest: int, seconds: float
) -> Answer:
    connection = _connection(to)
    try:
        with _until(connection, seconds):
            connection.request(
                method,
                to.target,
                body=body,
                headers={"Host": to.host, "User-Agent": "Guanxi", "Accept-Encoding": "identity", **headers},
                preload_content=False,
                decode_content=False,
            )
            response = connection.getresponse()
            read = response.read(largest + 1, decode_content=False) or b""
            names = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status, names, read[:largest], len(read) > largest)
    finally:
        connection.close()


@contextmanager
def _until(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """End the conversation at the deadline, also when the other side keeps it alive byte by byte."""
    over = threading.Event()

    def end() -> None:
        over.set()
        if (line := connection.sock) is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(seconds, end)
    watch.daemon = True
    watch.start()
    try:
        yield
        if over.is_set():
            raise Unreachable("timeout")
    except Unreachable:
        raise
    except (TimeoutError, urllib3.exceptions.TimeoutError) as error:
        raise Unreachable("timeout") from error
    except ssl.SSLError as error:
        raise Unreachable("timeout" if over.is_set() else "tls", str(error)[:200]) from error
    except (OSError, urllib3.exceptions.HTTPError, HTTPException, ValueError) as error:
        code = "timeout" if over.is_set() else "tls" if isinstance(error, urllib3.exceptions.SSLError) else "connection"
        raise Unreachable(code, str(error)[:200]) from error
    finally:
        watch.cancel()


class _Pinned(HTTPConnection):
    """A connection to one of the checked addresses, whatever its name resolves to by now."""

    addresses: tuple[str, ...] = ()

    def _new_conn(self) -> socket.socket:
        return dial(self.addresses, self.port)


class _PinnedTls(HTTPSConnection):
    """The same with TLS; the certificate is verified for the name."""

    addresses: tuple[str, ...] = ()

    def _new_conn(self) -> socket.socket:
        return dial(self.addresses, self.port)


def dial(addresses: tuple[str, ...], port: int | None) -> socket.socket:
    """A connection to the first of the addresses that takes it."""
    failure: OSError = OSError("no address")
    for address in addresses[:2]:
        try:
            line = socket.create_connection((address, port or 0), timeout=CONNECT_SECONDS)
        except OSError as error:
            failure = error
        else:
            line.settimeout(TOTAL_SECONDS)
            return line
    raise failure


def _connection(to: Destination) -> _Pinned | _PinnedTls:
    if to.scheme == "http":
        plain = _Pinned(to.name, to.port)
        plain.addresses = to.addresses
        return plain
    secure = _PinnedTls(to.name, to.port, ssl_context=trust())
    secure.addresses = to.addresses
    return secure


@cache
def trust() -> ssl.SSLContext:
    """Whom to believe: the system's authorities (or those of SSL_CERT_FILE) and the well-known ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(cafile=certifi.where())
    return context


__all__ = ["Answer", "Closed", "Unreachable", "fetch"]
