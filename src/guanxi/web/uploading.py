"""Refusing a file for an import by its announced size, before a byte of it is read."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from guanxi.engine.importing import limits
from guanxi.engine.importing.receiving import too_large
from guanxi.web import errors
from guanxi.web.problems import problem

Handler = Callable[[HttpRequest], HttpResponseBase]
_TAKES_FILES = re.compile(r"^(/o/[\w-]+/import|/api/v1/imports)$")
_AROUND = 1_000_000
"""What a form may hold besides the file, in bytes."""


class UploadLimit:
    """Answers an import that is too large; the token of the form, which stands in the body, is not even looked for."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST" and _TAKES_FILES.match(request.path):
            length = request.headers.get("Content-Length", "0")
            if length.isdigit() and int(length) > limits.file_bytes() + _AROUND:
                error = too_large()
                return problem(error) if request.path.startswith("/api/") else errors.answer(request, error)
        return self.get_response(request)
