"""Fixtures every test can ask for: two organizations, their people, browsers of theirs, and being inside Acme."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.core.cache import cache
from django.db import connection, transaction
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.signals import post_migrate
from django.test import Client
from hypothesis import settings as hypothesis_settings

from organizations import jobs
from organizations.models import Organization, User
from organizations.scope import in_organization
from tests.people import People, make_organization, make_people
from tests.support.installation import Installation
from tests.support.made_once import made_once
from tests.support.triggers import empty_past_guards
from typesetting import Fonts

PROJECT = Path(__file__).resolve().parents[1]

# How long one example takes says more about the machine than about the code.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="run only the tests that use a database: the rest has run on another one",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--database-only"):
        return
    chosen = [
        item
        for item in items
        if {"db", "transactional_db"} & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db")
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector need not go through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """How ``make test`` shares the tests out."""
    from tests.support.scheduler import SharingOut  # only where tests are shared out is xdist loaded

    return SharingOut(config, log)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """What one test cached, counted or evaluated isn't there for the next, whose rows get the same keys."""
    yield
    cache.clear()


@pytest.fixture(scope="module")
def kept_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One transaction around a module: what its module fixtures write is there for all its tests, and gone after the last.

    The tests are marked ``django_db``, so that what each of them writes is undone. For rows that take long to make.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True, scope="session")
def _empty_past_guards() -> Iterator[None]:
    """Tests that commit have their tables emptied, also those that refuse it."""
    # What Django makes anew of every model after each of them, nobody here asks for, and it takes longest.
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)
    with pytest.MonkeyPatch.context() as patch:
        real = BaseDatabaseOperations.execute_sql_flush
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", empty_past_guards(real))
        yield


@pytest.fixture(autouse=True, scope="session")
def _still_hearts() -> Iterator[None]:
    """Nobody renews a lease from beside a test: what the test's own transaction wrote is no row there, and the lease seemed lost.

    Leases that are renewed are tested by hand (organizations/test_jobs.py) and with real workers (faults).
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "REPORT_SECONDS", 3_600)
        patch.setattr(settings, "JOB_LEASE_SECONDS", 3 * 3_600)
        yield


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database of an installation that holds nothing yet; tests copy it."""
    return made_once(tmp_path_factory, "migrated", lambda folder: Installation(folder).manage("migrate", "-v", "0"))


@pytest.fixture(scope="session")
def django_db_keepdb(
    request: pytest.FixtureRequest, django_db_use_migrations: bool, django_db_modify_db_settings: None
) -> bool:
    """Whether the tables are there: on SQLite those that migrations make are copied, made once for all processes of a run."""
    if not django_db_use_migrations or connection.vendor != "sqlite":
        return bool(request.config.getvalue("reuse_db"))
    made: Path = request.getfixturevalue("migrated")
    shutil.copyfile(made / "test.sqlite3", connection.creation._get_test_db_name())
    return True


@pytest.fixture
def acme(db: None) -> Organization:
    """The organization most tests are about; nobody is inside it until ``in_acme`` or ``people`` are asked for."""
    return make_organization("acme", "Acme Pumps")


@pytest.fixture
def other(db: None) -> Organization:
    """Another organization, whose rows nobody in Acme may see."""
    return make_organization("other", "Other Valves")


@pytest.fixture
def people(acme: Organization, other: Organization) -> People:
    """One person of each kind, see :class:`tests.people.People`."""
    return make_people(acme, other)


@pytest.fixture
def in_acme(acme: Organization) -> Iterator[Organization]:
    """The whole test runs inside Acme."""
    with in_organization(acme):
        yield acme


@pytest.fixture
def client_of() -> Callable[[User | None], Client]:
    """A function that gives the browser of a person who is logged in; of nobody, a browser without log-in."""

    def client(person: User | None = None) -> Client:
        browser = Client()
        if person is not None:
            browser.force_login(person)
        return browser

    return client


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    """The fonts of documents on paper."""
    families = PROJECT / "node_modules" / "@expo-google-fonts"
    return Fonts.found_in([families / "noto-sans", families / "noto-sans-sc"])
