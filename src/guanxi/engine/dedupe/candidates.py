"""The pairs worth comparing among any number of records, in a bounded amount of memory: what does not fit waits in files."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from zlib import crc32

from guanxi.engine.dedupe.blocking import MOST

PARTS = 64
"""Into so many files entries are parted, by block and later by record; one is in memory at a time."""
BUFFERED = 65_536


class Candidates:
    """Collects blocks, then gives each pair that shares one once. Use as a context manager: its files are temporary."""

    def __init__(self) -> None:
        self.skipped = 0
        """Blocks too large to compare everything in them."""

    def __enter__(self) -> Candidates:
        self._folder = TemporaryDirectory(prefix="guanxi-duplicates-")
        self._blocks = _Parted(Path(self._folder.name), "blocks")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def add(self, record: int, blocks: set[str]) -> None:
        """Put a record into its blocks."""
        for block in blocks:
            data = block.encode()
            # Two checksums of 32 bits each: what by chance meets in a block is only compared in vain.
            value = crc32(data) << 31 | crc32(data, 0x9E3779B9) >> 1
            self._blocks.put(value % PARTS, value, record)

    def parts(self) -> Iterator[list[tuple[int, int]]]:
        """The pairs (low, high), part by part, each part in the order of the lower record."""
        pairs = _Parted(Path(self._folder.name), "pairs")
        for part in range(PARTS):
            for low, high in self._within(part):
                pairs.put(low % PARTS, low, high)
        for part in range(PARTS):
            yield sorted(set(pairs.take(part)))

    def _within(self, part: int) -> Iterator[tuple[int, int]]:
        entries = sorted(self._blocks.take(part))
        start = 0
        for end in range(1, len(entries) + 1):
            if end < len(entries) and entries[end][0] == entries[start][0]:
                continue
            if 1 < end - start <= MOST:
                for (_block, low), (_same, high) in combinations(entries[start:end], 2):
                    if low < high:
                        yield low, high
            elif end - start > MOST:
                self.skipped += 1
            start = end


class _Parted:
    """Pairs of numbers in files, one per part, each written in pieces."""

    def __init__(self, folder: Path, name: str) -> None:
        self._paths = [folder / f"{name}-{part}" for part in range(PARTS)]
        self._held = [array("q") for _part in range(PARTS)]

    def put(self, part: int, first: int, second: int) -> None:
        held = self._held[part]
        held.append(first)
        held.append(second)
        if len(held) >= BUFFERED:
            self._write(part)

    def take(self, part: int) -> Iterator[tuple[int, int]]:
        """The pairs of a part; they are gone then."""
        self._write(part)
        found = array("q")
        if self._paths[part].exists():
            with self._paths[part].open("rb") as file:
                found.frombytes(file.read())
            self._paths[part].unlink()
        values = iter(found)
        return zip(values, values, strict=True)

    def _write(self, part: int) -> None:
        if self._held[part]:
            with self._paths[part].open("ab") as file:
                self._held[part].tofile(file)
            self._held[part] = array("q")
