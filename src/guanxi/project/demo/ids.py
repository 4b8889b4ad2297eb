"""What the loaders hand to one another."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Ids:
    """Ids of what has been written, by the keys and indices of the world."""

    people: dict[str, int] = field(default_factory=dict)
    products: dict[str, int] = field(default_factory=dict)
    competitors: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    pipelines: dict[str, int] = field(default_factory=dict)
    stages: dict[tuple[str, int], int] = field(default_factory=dict)
    companies: list[int] = field(default_factory=list)
    contacts: list[int] = field(default_factory=list)
    deals: list[int] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
