"""Who follows the journal: the registry of consumers, and what each kind promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, cast

from guanxi.kernel.errors import GuanxiError

if TYPE_CHECKING:
    from guanxi.journal.models import Delivery, Entry

NAME_LENGTH = 40


class NotDelivered(Exception):
    """What a delivery consumer raises when a target did not take an entry.

    ``code`` is a short word that screens put into a sentence (``timeout``, ``status``, ``address``…), ``detail`` what the
    network or the other side said. With ``final`` it is not tried again.
    """

    def __init__(self, code: str, detail: str = "", *, final: bool = False) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.final = final


class StreamConsumer(Protocol):
    """Effects inside the same database: takes batches in order, in the transaction that moves its cursor, so exactly once.

    What ``take`` raises rolls its batch back; the entry at fault is found by halving, kept as a dead letter, and skipped.
    A batch may therefore be offered again in smaller parts: ``take`` keeps no memory outside the database.
    """

    name: str
    """Stable for ever, at most 40 characters."""

    def take(self, entries: Sequence[Entry]) -> None:
        """Do what these entries ask for, in the present transaction."""
        ...


class DeliveryConsumer(Protocol):
    """Effects outside (webhooks, mail): each entry becomes deliveries, claimed by workers.

    At least once, with an idempotency key that never changes, and in order per record of each target.
    """

    name: str
    """Stable for ever, at most 40 characters."""

    def targets(self, entries: Sequence[Entry]) -> Mapping[int, Sequence[str]]:
        """Entry id → keys of the targets it goes to (ids of webhooks, for example); must not have effects."""
        ...

    def deliver(self, delivery: Delivery, entry: Entry) -> None:
        """Hand one entry to one target; whatever is raised makes the delivery wait and be tried again.

        Runs outside any transaction. May note on the delivery what was sent and answered: ``request``, ``response_status``,
        ``response``.
        """
        ...


_streams: dict[str, StreamConsumer] = {}
_deliveries: dict[str, DeliveryConsumer] = {}


def register(consumer: StreamConsumer | DeliveryConsumer) -> None:
    """Make a consumer known; called once at start. A name taken by another consumer is refused."""
    name = consumer.name
    if not name or len(name) > NAME_LENGTH:
        raise GuanxiError(f"A consumer's name has 1 to {NAME_LENGTH} characters: {name!r}.")
    known = _streams.get(name) or _deliveries.get(name)
    if known is not None and type(known) is not type(consumer):
        raise GuanxiError(f"Two consumers of the journal are called {name}.")
    if hasattr(consumer, "take"):
        _streams[name] = cast(StreamConsumer, consumer)
    else:
        _deliveries[name] = consumer


def unregister(name: str) -> None:
    """Forget a consumer (its cursor and deliveries stay)."""
    _streams.pop(name, None)
    _deliveries.pop(name, None)


def streams() -> tuple[StreamConsumer, ...]:
    """The consumers with effects in the database, in the order of registration."""
    return tuple(_streams.values())


def deliveries() -> tuple[DeliveryConsumer, ...]:
    """The consumers with effects outside, in the order of registration."""
    return tuple(_deliveries.values())


def names() -> tuple[str, ...]:
    """The names of all consumers."""
    return (*_streams, *_deliveries)


def stream_consumer(name: str) -> StreamConsumer | None:
    """The consumer with effects in the database of that name, if the running program has it."""
    return _streams.get(name)


def delivery_consumer(name: str) -> DeliveryConsumer | None:
    """The delivery consumer of that name, if the running program has it."""
    return _deliveries.get(name)
