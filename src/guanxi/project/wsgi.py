"""The WSGI application of the pages and the API."""

from __future__ import annotations

import os
import threading

from django.core.wsgi import get_wsgi_application

from guanxi.project.balance import balanced

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")

application = balanced(get_wsgi_application())

# The dictionaries of Chinese words and pinyin cost a second: nobody's first search should wait for them.
from guanxi.engine.search import words  # noqa: E402
from guanxi.project.django_start import settle_memory  # noqa: E402

settle_memory()

threading.Thread(target=words.preload, daemon=True, name="dictionaries").start()
