"""Where a request comes from, told by the proxies that are trusted and by nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Address = IPv4Address | IPv6Address


def address_of(request: HttpRequest) -> str:
    """The address of the asker in its shortest form; empty when the server cannot tell.

    ``X-Forwarded-For`` counts only as far as it was written by proxies of ``GUANXI_TRUSTED_PROXIES``: the list is read
    from its end, and the first address that is not such a proxy is the asker's.
    """
    nearest = parsed(request.META.get("REMOTE_ADDR", ""))
    if nearest is None:
        return ""
    proxies = settings.GUANXI_TRUSTED_PROXIES
    if not proxies or not within(nearest, proxies):
        return str(nearest)
    for part in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        told = parsed(part)
        if told is None:
            break
        nearest = told
        if not within(told, proxies):
            break
    return str(nearest)


def agent_of(request: HttpRequest) -> str:
    """What the asking program calls itself."""
    return request.headers.get("User-Agent", "")


def parsed(text: str) -> Address | None:
    """The address in a text such as ``10.0.0.1``, ``[::1]`` or ``10.0.0.1:4711``; IPv4 mapped into IPv6 as IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def within(address: Address | None, networks: Iterable[str]) -> bool:
    """Whether the address lies in one of the networks; a network that cannot be read holds nobody."""
    if address is None:
        return False
    for text in networks:
        try:
            network = ip_network(text.strip(), strict=False)
        except ValueError:
            continue
        if address.version == network.version and address in network:
            return True
    return False
