"""Requests that leave the house reach public addresses only, unless the host and port are on the administrator's list."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from guanxi.access import compiled
from guanxi.engine import outbound, write
from guanxi.engine.administration import settings
from guanxi.engine.outbound import Closed, Unreachable, client, fetch
from guanxi.engine.outbound.addresses import is_public
from guanxi.kernel.errors import Invalid
from tests.signin import authority
from tests.support import people

pytestmark = pytest.mark.django_db

PRIVATE = (
    *(
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
    ),
    *(
        "100.127.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
    ),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8"),
    *("::10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::1", "2001:0:a00:1::1", "2001:db8::1", "100::1"),
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "114.114.114.114", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2400:3200::1")


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are(address: str) -> None:
    assert is_public(address)


class Server:
    """A server on loopback that says what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.answers: Callable[[BaseHTTPRequestHandler], None] = _fine
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked.append((self.command, self.path, dict(self.headers)))
                owner.answers(self)

            do_POST = do_GET

            def log_message(self, *arguments: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.http.server_address[1])


def _fine(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "2")
    handler.end_headers()
    handler.wfile.write(b"ok")


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server()
    if context is not None:
        server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    thread = threading.Thread(target=server.http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()


def allow(*entries: str) -> None:
    """Put hosts on the administrator's list."""
    administrator = people.actor(people.person("adm", administrator=True))
    with write.change(administrator, "test") as door:
        settings.change_policy(door, {"outbound_allowed": list(entries)})
    people.refreshed()


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """A resolver that gives these addresses, one after the other; the names asked for."""
    asked: list[str] = []
    queue = list(answers)

    def resolve(name: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        asked.append(name)
        address = queue.pop(0) if len(queue) > 1 else queue[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr("guanxi.engine.outbound.destinations.socket.getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize(
    "host",
    (
        *(
            "127.0.0.1",
            "0x7f.1",
            "127.1",
            "2130706433",
            "017700000001",
            "0x7f000001",
            "0177.0.0.1",
            "localhost",
            "localhost.",
        ),
        *("[::1]", "[::ffff:10.0.0.1]", "[::ffff:127.0.0.1]", "0", "LOCALHOST", "127。0。0。1", "①②⑦.0.0.1"),
    ),
)
def test_no_spelling_reaches_this_machine(host: str) -> None:
    with serving() as server:
        with pytest.raises(Closed) as refused:
            fetch("GET", f"http://{host}:{server.port}/")
        assert refused.value.code in ("address", "name", "url")
        assert server.asked == []


@pytest.mark.parametrize(
    "url",
    (
        *(
            "ftp://example.com/",
            "file:///etc/passwd",
            "gopher://x/",
            "//example.com/",
            "http://",
            "https://u:p@example.com/",
        ),
        *("http://exa mple.com/", "http://example.com:99999/", "http://example.com\\@127.0.0.1/", "http://a\r\nb/", ""),
    ),
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Closed) as refused:
        outbound.destination(url)
    assert refused.value.code == "url"


def test_what_is_allowed_by_name_and_port_is_reached() -> None:
    with serving() as server:
        allow(f"localhost:{server.port}")
        answer = fetch("POST", f"http://localhost:{server.port}/hook?x=1", body=b"{}")
        assert (answer.status, answer.body) == (200, b"ok")
        assert server.asked[0][:2] == ("POST", "/hook?x=1")
        assert server.asked[0][2]["Host"] == f"localhost:{server.port}"
        with pytest.raises(Closed):  # the name alone, not every name of the address
            fetch("GET", f"http://127.0.0.1:{server.port}/")
        with pytest.raises(Closed):  # nor another port
            fetch("GET", f"http://localhost:{server.port + 1}/")


def test_a_redirect_to_a_private_address_is_refused_and_none_is_followed_unasked() -> None:
    with serving() as inner, serving() as outer:

        def lead_on(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(302)
            handler.send_header("Location", f"http://127.0.0.1:{inner.port}/secret")
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        outer.answers = lead_on
        allow(f"localhost:{outer.port}")
        url = f"http://localhost:{outer.port}/"
        assert fetch("GET", url).status == 302
        assert fetch("POST", url, body=b"", redirects=3).status == 302
        with pytest.raises(Closed):
            fetch("GET", url, redirects=3)
        assert inner.asked == []
        allow_more = (f"localhost:{outer.port}", f"127.0.0.1:{inner.port}")
        with write.change(people.program(), "test") as door:
            settings.change_policy(door, {"outbound_allowed": list(allow_more)})
        people.refreshed()
        assert fetch("GET", url, redirects=3).status == 200
        assert [path for _method, path, _headers in inner.asked] == ["/secret"]


def test_a_name_that_changes_its_address_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Public when asked first, private afterwards: it is asked once, and the connection goes to what was checked."""
    dialled: list[tuple[str, ...]] = []

    def dial(addresses: tuple[str, ...], port: int | None) -> socket.socket:
        dialled.append(addresses)
        raise OSError("not in a test")

    monkeypatch.setattr(client, "dial", dial)
    asked = resolving(monkeypatch, "93.184.216.34", "127.0.0.1")
    with pytest.raises(Unreachable):
        fetch("GET", "http://rebinding.example/")
    assert asked == ["rebinding.example"] and dialled == [("93.184.216.34",)]
    with pytest.raises(Closed):
        fetch("GET", "http://rebinding.example/")
    assert len(dialled) == 1


def test_of_several_addresses_only_public_ones_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, 1, 6, "", (address, 443)) for address in ("10.0.0.1", "93.184.216.34")]
    monkeypatch.setattr("guanxi.engine.outbound.destinations.socket.getaddrinfo", lambda *a, **k: both)
    assert outbound.destination("https://mixed.example/").addresses == ("93.184.216.34",)


def test_the_certificate_is_verified_for_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = authority.make(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    with serving(context) as server:
        allow(f"localhost:{server.port}", f"127.0.0.1:{server.port}")
        with pytest.raises(Unreachable) as unknown:
            fetch("GET", f"https://localhost:{server.port}/")
        assert unknown.value.code == "tls"
        trusting = ssl.create_default_context(cafile=str(made.authority))
        monkeypatch.setattr(client, "trust", lambda: trusting)
        assert fetch("GET", f"https://localhost:{server.port}/").status == 200
        with pytest.raises(Unreachable) as other:
            fetch("GET", f"https://127.0.0.1:{server.port}/")
        assert other.value.code == "tls"


def test_nothing_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as server, serving() as proxy:
        allow(f"localhost:{server.port}")
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert fetch("GET", f"http://localhost:{server.port}/").status == 200
        assert proxy.asked == []


def test_size_and_time_are_bounded() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(64):
            handler.wfile.write(b"x" * 1024)

    def trickling(handler: BaseHTTPRequestHandler) -> None:
        try:
            for _ in range(100):
                handler.wfile.write(b"H")
                time.sleep(0.05)
        except OSError:
            pass

    with serving() as server:
        allow(f"localhost:{server.port}")
        url = f"http://localhost:{server.port}/"
        server.answers = endless
        answer = fetch("GET", url, largest=1000)
        assert len(answer.body) == 1000 and answer.cut
        server.answers = trickling
        begun = time.monotonic()
        with pytest.raises(Unreachable) as late:
            fetch("GET", url, seconds=0.5)
        assert late.value.code in ("timeout", "connection") and time.monotonic() - begun < 3
    with pytest.raises(Unreachable) as closed:
        fetch("GET", url)
    assert closed.value.code == "connection"


def test_the_list_is_kept_in_one_form_and_nonsense_is_refused() -> None:
    allow("Hub.Example.COM.:8443", "[::1]:80", "10.0.0.5:9000", "büro.example:443")
    assert compiled.current().policy.outbound_allowed == (
        *("hub.example.com:8443", "[::1]:80", "10.0.0.5:9000", "xn--bro-hoa.example:443"),
    )
    for wrong in ("example.com", "*:80", "http://x:80", "x:0", "a b:1"):
        with pytest.raises(Invalid), write.change(people.program(), "test") as door:
            settings.change_policy(door, {"outbound_allowed": wrong})
