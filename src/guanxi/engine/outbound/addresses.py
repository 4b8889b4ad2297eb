"""Which addresses belong to the public Internet.

By IANA's registries of special-purpose addresses (RFC 6890 and its successors), written out: what the standard library calls
global differs between versions of Python.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_CLOSED_4 = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_GLOBAL_6 = ip_network("2000::/3")
"""Everything that was ever given out; mapped, compatible, NAT64, local, multicast and reserved forms lie outside."""
_CLOSED_6 = tuple(
    ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
"""Teredo and other protocols, documentation, 6to4, AS112: they lead elsewhere, or nowhere."""


def is_public(text: str) -> bool:
    """Whether an address (in its plain form) is one of the public Internet; an IPv6 zone makes it local."""
    if "%" in text:
        return False
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    return address in _GLOBAL_6 and not any(address in network for network in _CLOSED_6)
