"""WSGI entry point: ``gunicorn customerfocus.wsgi``."""

from __future__ import annotations

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from organizations.lock_waits import wait_at_most

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerfocus.settings")

application = get_wsgi_application()
wait_at_most(settings.WEB_LOCK_SECONDS)

# What is loaded by now, all pages included, lives as long as the process: the garbage collector need not look through it
# again and again while it answers.
get_resolver().url_patterns  # noqa: B018 - reading them loads them
gc.collect()
gc.freeze()
