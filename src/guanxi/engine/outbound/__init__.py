"""Requests that leave the house: only to public addresses, unless an administrator allowed the host and port by name."""

from guanxi.engine.outbound.client import Answer, Unreachable, fetch
from guanxi.engine.outbound.destinations import Closed, Destination, destination

__all__ = ["Answer", "Closed", "Destination", "Unreachable", "destination", "fetch"]
