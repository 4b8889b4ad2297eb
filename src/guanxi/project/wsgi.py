"""The WSGI application of the pages and the API."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guanxi.project.settings")

application = get_wsgi_application()
