"""What a file may hold. Beyond it the file is refused in words before anything is written."""

from __future__ import annotations

from django.conf import settings

COLUMNS = 2_000
LINE = 4_000_000
"""Characters of one line of a text file, and of one record that goes over several lines."""
CELL = 500_000
"""Characters of one cell."""
SHEET_BYTES = 400 * 1024 * 1024
"""What a spreadsheet may unpack to in all, in bytes."""
SHARED_BYTES = 100 * 1024 * 1024
"""What the table of texts of a spreadsheet may unpack to: it is held in memory while the sheet is read."""
SHEET_RATIO = 300
"""How many times larger than in the archive a part of a spreadsheet may be; honest ones stay below 100."""
SHEET_PARTS = 2_000
CARD = 1_000_000
"""Characters of one vCard; a picture inside is left out but must be read over."""
JSON_ROWS = 5_000
"""Rows that one request may send as JSON."""
BATCH = 2_000
"""Rows of one transaction: as many as the write door stores at once."""
SAMPLE_ROWS = 20_000
"""Rows looked at when a file arrives."""
SAMPLE_CELLS = 400_000
"""Cells looked at when a file arrives, so that a wide file costs no more than a narrow one."""
AT_ONCE = 2_000
"""Rows that are checked while the person waits; more by a job."""
KEPT_DAYS = 14
"""So long the file and its rejected rows are kept."""


def file_bytes() -> int:
    """The largest file taken, in bytes; the setting ``import_mb``."""
    return int(getattr(settings, "GUANXI_IMPORT_BYTES", 200 * 1024 * 1024))
