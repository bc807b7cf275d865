"""Every page × every person. The table is the only place that says who gets what; pages and people come from the product."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actions.models import Action
from organizations import clock
from organizations.access import OrganizationView
from organizations.models import Organization
from organizations.roles import has_past
from organizations.scope import in_organization
from registers.register import registry
from tests.people import MEMBERS, STRANGERS, People, make_organization, make_people
from tests.rules.pages import House, Page, furnish, organization_pages, patterns
from trail.time_travel.moments import written

#: Who may open a page: quality manager Q, contributor C, top management T, auditor A, administrator M; all other members get
#: 403, strangers 404, and who isn't logged in is sent to the log-in. What those get who may: 200, or what stands behind it.
TABLE: dict[str, tuple[str, int]] = {
    # Every register's pages.
    "*-list": ("QCTA", 200),
    "*-menus": ("QCTA", 200),
    "*-suggest": ("QCTA", 200),
    "*-tags": ("QCTA", 200),
    "*-detail": ("QCTA", 200),
    "*-history": ("QCTA", 200),
    "*-comments": ("QCTA", 200),
    "*-comment": ("QCT", 200),
    "*-watch": ("QCTA", 200),
    "*-export": ("QCTA", 200),
    "*-create": ("Q", 200),
    "*-edit": ("Q", 200),
    "*-archive": ("Q", 200),
    "*-restore": ("Q", 200),
    "*-import": ("Q", 200),
    "*-import-template": ("Q", 200),
    "*-import-job": ("Q", 200),
    "*-import-refused": ("Q", 200),
    "*-import-mapping": ("Q", 200),
    # Of an import that has written nothing there is nothing to undo: it leads back to its page.
    "*-import-undo": ("Q", 302),
    "*-view-save": ("QCTA", 200),
    "*-view": ("QM", 200),
    "*-bulk": ("QC", 302),
    "*-cells": ("QC", 302),
    "*-cell": ("Q", 200),
    "*-bulk-job": ("Q", 200),
    # What contributors record as they come across it.
    "checks-create": ("QC", 200),
    "feedback-create": ("QC", 200),
    "complaints-create": ("QC", 200),
    # Rows that belong to a record: who may change the record may add them.
    "actions-effectiveness-add": ("Q", 200),
    "requirements-reviews-add": ("Q", 200),
    "risks-assessments-add": ("Q", 200),
    "opportunities-assessments-add": ("Q", 200),
    # Pages of single apps.
    "requirements_registry:acknowledge": ("QCT", 200),
    "risks:heat-map": ("QCTA", 200),
    "risks:opportunity-map": ("QCTA", 200),
    "risks:scale": ("M", 200),
    "risks:new-scale": ("M", 200),
    "risks:accept": ("T", 200),
    "risks:no-risk": ("Q", 200),
    "feedback:satisfaction": ("QCTA", 200),
    "clauses:overview": ("QCTA", 200),
    # It leads to the list, opened at the row.
    "clauses:mend": ("Q", 302),
    "as-of": ("QCTA", 302),
    # Sign-off.
    "reviews:trail": ("QTA", 200),
    "reviews:sign-offs": ("QTA", 200),
    "reviews:sign-off": ("QTA", 200),
    "reviews:sign-off-pdf": ("QTA", 200),
    "reviews:sign": ("T", 200),
    "reviews:decide": ("T", 200),
    "reviews:withdraw": ("T", 200),
    # Evidence.
    "packs:list": ("QTA", 200),
    "packs:pack": ("QTA", 200),
    "packs:download": ("QTA", 200),
    "packs:request": ("Q", 200),
    "packs:cancel": ("Q", 405),
    "packs:retry": ("Q", 405),
    "evidence:attach": ("Q", 405),
    "evidence:attachment": ("QCTA", 200),
    # The auditor's bench.
    "audits:samples": ("QTA", 200),
    "audits:sample-draw": ("A", 200),
    "audits:sample": ("QTA", 200),
    "audits:trace": ("QTA", 200),
    "audits:note": ("A", 405),
    "audits:ask": ("A", 405),
    "audits:requests": ("QTA", 200),
    "audits:request": ("QTA", 200),
    "audits:answer": ("Q", 405),
    "audits:verdict": ("A", 405),
    # The organization itself.
    "organizations:members": ("QTM", 200),
    "organizations:invite": ("QTM", 200),
    "organizations:end-membership": ("QTM", 200),
    "known-names": ("QM", 200),
    "import-files": ("Q", 200),
    "mentions": ("QCTA", 200),
    "custom-fields": ("QM", 200),
    "custom-field-new": ("QM", 200),
    "custom-field-edit": ("QM", 200),
    "custom-field-change": ("QM", 405),
    "organizations:settings": ("M", 200),
    "organizations:targets": ("M", 200),
    "trail:heads": ("M", 200),
    "trail:end-heads": ("M", 405),
}
LETTERS = dict(
    zip("QCTAM", ("quality_manager", "contributor", "top_management", "auditor", "administrator"), strict=True)
)
#: Pages that are only sent to, where the row that was sent decides: opening one is refused to every member alike.
ONLY_SENT_TO = {"evidence:attach"}
#: Pages outside of any organization, besides those of log-in: who isn't logged in may open them.
PUBLIC = {"alive", "ready", "organizations:accept"}


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Organization:
    """As for all tests, but made once."""
    return make_organization("acme", "Acme Pumps")


@pytest.fixture(scope="module")
def people(acme: Organization) -> People:
    """As for all tests, but made once."""
    return make_people(acme, make_organization("other", "Other Valves"))


@pytest.fixture(scope="module")
def house(acme: Organization, people: People) -> House:
    """A row behind every page. Tests undo what they write, not what they set on these objects: they load rows anew."""
    return furnish(acme, people)


def expected(page: Page, name: str) -> int:
    """The status that the table says a person gets."""
    who, status = TABLE[page.name] if page.name in TABLE else TABLE[page.kind]
    if name in STRANGERS:
        return 404
    return status if name in {LETTERS[letter] for letter in who} else 403


def test_every_page_is_in_the_table_and_the_table_holds_no_other() -> None:
    pages = organization_pages()
    assert {page.name for page in pages if page.name not in TABLE and page.kind not in TABLE} == set()
    assert TABLE.keys() - {page.name for page in pages} - {page.kind for page in pages} == set()


@pytest.mark.parametrize("name", [*MEMBERS, *STRANGERS])
def test_what_a_person_gets_when_they_open_a_page(
    name: str, house: House, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people[name])
    pages = organization_pages()
    got = {page.name: browser.get(house.address(page)).status_code for page in pages}
    wanted = {
        page.name: 405 if page.name in ONLY_SENT_TO and name in MEMBERS else expected(page, name) for page in pages
    }
    assert got == wanted


@pytest.mark.parametrize("name", ["quality_manager", "administrator", "expired_auditor"])
def test_what_a_person_gets_when_they_open_a_page_of_the_past(
    name: str, house: House, people: People, client_of: Callable[..., Client]
) -> None:
    """The same as today where the page only reads; of all else there is no past. Strangers learn nothing."""
    browser = client_of(people[name])
    got, wanted, past = {}, {}, f"/as-of/{written(clock.present())}"
    whole = {"*-detail"} if name == "quality_manager" else set()  # of other pages one register's stands for all
    for page in {page.name if page.kind in whole else page.kind: page for page in organization_pages()}.values():
        got[page.name] = browser.get(f"{past}{house.address(page)}").status_code
        view = page.pattern.callback.view_class
        is_there = name in STRANGERS or has_past(view.action, view.subject)
        wanted[page.name] = expected(page, name) if is_there else 403
    assert got == wanted


@pytest.mark.parametrize("name", [*MEMBERS, *STRANGERS])
def test_who_may_not_open_a_page_may_not_send_to_it_either(
    name: str, house: House, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people[name])
    closed = [page for page in organization_pages() if expected(page, name) in (403, 404)]
    got = {page.name: browser.post(house.address(page)).status_code for page in closed}
    assert got == {page.name: expected(page, name) for page in closed}


def test_sending_nothing_to_a_page_one_may_open_is_answered_in_words(
    house: House, people: People, client_of: Callable[..., Client]
) -> None:
    got = {}
    for page in organization_pages():
        for name in MEMBERS:
            if expected(page, name) in (200, 405):
                got[page.name, name] = client_of(people[name]).post(house.address(page)).status_code
    assert {key: status for key, status in got.items() if status not in (200, 302, 405, 422)} == {}


def test_who_is_not_logged_in_is_sent_to_the_log_in_and_back(house: House) -> None:
    browser = Client()
    for page in organization_pages():
        address = house.address(page)
        for response in (browser.get(address), browser.post(address)):
            assert (response.status_code, response.headers["Location"]) == (
                302,
                f"{reverse('account_login')}?next={address}",
            ), page.name


def test_pages_of_an_organization_that_is_not_there_look_like_those_one_may_not_see(
    people: People, client_of: Callable[..., Client]
) -> None:
    answers = [client_of(people.outsider).get(f"/o/{slug}/") for slug in ("acme", "nobody")]
    assert [answer.status_code for answer in answers] == [404, 404]
    first, second = (re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answer.content) for answer in answers)
    assert first == second


@pytest.mark.parametrize("slug", list(registry.slugs()))
def test_contributors_change_rows_they_own_but_neither_archive_nor_restore_them(
    slug: str, house: House, people: People, client_of: Callable[..., Client]
) -> None:
    with in_organization(house.organization):
        record: Any = type(house.records[slug]).objects.get(pk=house.records[slug].pk)
        owner = next((name for name in ("owner", "reviewer") if hasattr(record, name)), None)
        if owner is None:
            pytest.skip(f"Nobody owns a row of {slug}: contributors change none.")
        setattr(record, owner, people.contributor)
        record.save()
    browser = client_of(people.contributor)
    pages = ("edit", "archive", "restore")
    assert [browser.get(f"/o/acme/{slug}/{record.reference}/{page}/").status_code for page in pages] == [200, 403, 403]


@pytest.mark.parametrize("role", ["top_management", "auditor", "administrator"])
def test_owning_a_row_gives_no_other_role_a_right_to_change_it(
    role: str, house: House, people: People, client_of: Callable[..., Client]
) -> None:
    with in_organization(house.organization):
        record = Action.objects.get(pk=house.records["actions"].pk)
        record.owner = people[role]
        record.save()
    assert client_of(people[role]).get(f"/o/acme/actions/{record.reference}/edit/").status_code == 403


def test_every_page_of_an_organization_passes_the_one_check() -> None:
    unchecked = [
        page.name for page in organization_pages() if not issubclass(page.pattern.callback.view_class, OrganizationView)
    ]
    assert unchecked == []


def test_every_other_page_asks_for_a_log_in_or_is_public_for_a_reason() -> None:
    open_to_all = {
        page.name
        for page in patterns()
        if "organization" not in page.arguments
        and not getattr(page.pattern.callback, "login_required", True)
        and not page.name.startswith(("account_", "mfa_"))
    }
    assert open_to_all == PUBLIC
