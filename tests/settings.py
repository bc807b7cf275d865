"""The settings of a test run: those of the product, with everything it keeps in a folder that goes away with the process.

``DATABASE_URL`` says which database; without it each process makes its own SQLite file. The environment is set before
the product's settings read it, and stays set for whatever a test starts.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = tempfile.mkdtemp(prefix="customerfocus-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["VAR_DIR"] = _folder
os.environ.setdefault("SECRET_KEY", "only-for-tests-" * 4)

from customerfocus.settings import *
from customerfocus.settings import DATABASES, STORAGES, VAR_DIR

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: only then do threads and processes wait for each other as they do in an installation.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(VAR_DIR) / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
elif template := os.environ.get("DATABASE_TEMPLATE"):
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}  # tables that are there need not be made again

WHITENOISE_AUTOREFRESH = True  # static files are served from their sources: nothing has to be collected
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast, and never outside of tests
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Each process has a database of its own, and so a cache and a queue: a shared one would answer with another's rows.
# Tests of real workers start installations of their own (tests/faults), which use REDIS_URL where it is set.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
