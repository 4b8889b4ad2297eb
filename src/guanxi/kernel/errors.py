"""The errors that reach people. Each message is a sentence in the reader's language that says what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class GuanxiError(Exception):
    """Base of every error that is meant to be read by a person. ``status`` is the HTTP status it maps to."""

    status = 400
    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(GuanxiError):
    """The record does not exist, or the actor may not know that it does."""

    status = 404
    code = "not_found"


class Refused(GuanxiError):
    """The actor has no right to do this."""

    status = 403
    code = "refused"


class Conflict(GuanxiError):
    """Somebody else changed the record since it was read."""

    status = 409
    code = "conflict"


class QueryError(GuanxiError):
    """A condition, sort or column that cannot be understood or is not allowed."""

    status = 400
    code = "query"


class Invalid(GuanxiError):
    """Values that were not accepted. ``fields`` maps field key to messages; key ``""`` holds those of the whole record.

    In a bulk write ``rows`` maps the index of each refused row to its own ``fields``.
    """

    status = 422
    code = "invalid"

    def __init__(
        self,
        message: str,
        fields: Mapping[str, Sequence[str]] | None = None,
        rows: Mapping[int, Mapping[str, Sequence[str]]] | None = None,
    ) -> None:
        super().__init__(message)
        self.fields: dict[str, list[str]] = {key: list(value) for key, value in (fields or {}).items()}
        self.rows: dict[int, dict[str, list[str]]] = {
            index: {key: list(value) for key, value in row.items()} for index, row in (rows or {}).items()
        }

    def __str__(self) -> str:
        """The sentence with what each field says, for logs and the command line."""
        details = "; ".join(f"{key or '*'}: {' '.join(messages)}" for key, messages in self.fields.items())
        return f"{self.message} ({details})" if details else self.message
