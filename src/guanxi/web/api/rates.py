"""How many requests a caller has for the minute: counted in Redis for all web nodes, else in the memory of each process."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import caches
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from guanxi.kernel import db
from guanxi.web.problems import TooMany

WINDOW = 60
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the caller's requests, and in how many seconds it is full again."""

    limit: int
    left: int
    reset: int

    def tell(self, response: HttpResponseBase) -> None:
        """Say it in the headers of an answer."""
        response.headers["RateLimit-Limit"] = str(self.limit)
        response.headers["RateLimit-Remaining"] = str(self.left)
        response.headers["RateLimit-Reset"] = str(self.reset)
        response.headers["RateLimit-Policy"] = f"{self.limit};w={WINDOW}"


class Exceeded(TooMany):
    """The caller has used up the requests of the minute."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance = allowance
        super().__init__(
            _("More than %(limit)d requests in a minute. Wait %(seconds)d seconds, then go on more slowly.")
            % {"limit": allowance.limit, "seconds": allowance.reset}
        )


def count(caller: str) -> Allowance | None:
    """Count one request of a caller; :class:`Exceeded` when it is one too many, nothing where there is no limit."""
    limit: int = settings.GUANXI_API_RATE
    if not limit:
        return None
    now = time.time()
    window, reset = int(now // WINDOW), WINDOW - int(now % WINDOW)
    key = f"api-rate:{db.alias()}:{caller}:{window}"
    cache = caches["rates"]
    try:
        used = cache.incr(key)
    except ValueError:
        # The first request of the minute, or one at the same moment as the first.
        used = 1 if cache.add(key, 1, 2 * WINDOW) else cache.incr(key)
    allowance = Allowance(limit, max(0, limit - used), reset)
    if used > limit:
        raise Exceeded(allowance)
    return allowance
