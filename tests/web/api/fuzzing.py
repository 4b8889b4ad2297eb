"""Running Schemathesis, the independent fuzzer of OpenAPI descriptions, against a server that listens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CONFIG = """
[generation]
database = "none"
exclude-header-characters = "\\u0080"

[checks.positive_data_acceptance]
# A filter, a sort or a cursor is a text with a grammar, and a reference must point to a record: what is right by the schema
# may be refused for what it says.
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "410", "412", "422", "429"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428", "429"]
"""


def fuzz(url: str, key: str, folder: Path, *options: str, seconds: int = 600) -> subprocess.CompletedProcess[str]:
    """Every check of Schemathesis on every operation that the options choose, as the person of the key."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", f"{url}/api/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {key}", "--no-color", "--checks", "all", *options),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, cwd=folder)
