"""What people write is text, wherever it is shown: markup in every column of every table becomes nothing anywhere."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

import pypdf
import pytest
from django.core import mail
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse

from audits.models import AuditNote, Reply
from clauses.models import NotApplicable
from comments.services import comment
from feedback.models import Enhancement
from imports.models import SavedMapping
from organizations import services
from organizations.mail import send_invitation
from organizations.models import Invitation, Organization, Site, User
from organizations.outbox import send_waiting
from organizations.scope import in_organization
from registers.custom_fields.models import CustomField
from registers.custom_fields.services import add_field
from registers.known_names.services import learn
from registers.register import registry
from requirements_registry.models import Acknowledgement
from reviews.models import SignOff
from reviews.sign_off.pdf import sign_off_pdf
from reviews.sign_off.services import withdraw
from risks.models import Acceptance, NoSignificantRisk
from tests.people import MEMBERS, People, make_organization, make_people
from tests.rules.pages import House, furnish, organization_pages
from tests.support.factories import make
from tests.support.markup import LONG, SHORT, TAG, Page, could_be_planted, plant
from tests.support.pages_in_chromium import look_at_each
from tests.support.services import chromium
from tests.support.sign_off import confirmed
from tests.support.triggers import lifted
from trail.sealing.head_mails import mail_heads

pytestmark = pytest.mark.django_db
#: Columns that no row of the house fills: each with the reason.
EMPTY: dict[str, str] = {
    "organizations.Mail.text": "mails are looked at as they are sent",
    "organizations.Mail.to": "the same",
    "organizations.Mail.failure": "what a mail server said is shown nowhere",
    "packs.PackPart.message": "workers write it, no page shows it",
    "organizations.LogInAttempt.account": "a digest, which no page shows",
    "organizations.LogInAttempt.network": "the same",
    "usersessions.UserSession.user_agent": "the page of one's sessions has a test of its own",
}


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Organization:
    """As for all tests, but made once."""
    return make_organization("acme", "Acme Pumps")


@pytest.fixture(scope="module")
def people(acme: Organization) -> People:
    """As for all tests, but made once."""
    return make_people(acme, make_organization("other", "Other Valves"))


@pytest.fixture(scope="module")
def planted(house: House) -> list[str]:
    """The columns that hold markup."""
    return plant_in(house)


def plant_in(house: House) -> list[str]:
    with in_organization(house.organization), lifted():
        return plant()


@pytest.fixture(scope="module")
def house(acme: Organization, people: People) -> House:
    """A row behind every page, and what furnishes no page of its own."""
    made = furnish(acme, people)
    with in_organization(acme):
        for register in registry:
            _add_fields(register.slug, people)
            row: Any = register.model.objects.get(pk=made.records[register.slug].pk)
            row.tags = "a tag"
            row.custom = {"custom_words": "in their own words", "custom_choice": "one"}
            row.save()
            comment(row, "Look at this", by=people.quality_manager)
        Site.objects.create(code="S", name="South")
        learn({"S. Köhler": people.contributor.pk}, by=people.quality_manager)
        signer = people.top_management
        withdraw(made.sign_off, by=signer, reason="Signed too soon", authentication=confirmed(signer))
        services.invite(
            Invitation(email="new@acme.example", role="contributor", job_title="Buyer", valid_from=acme.today()),
            organization=acme,
            by=people.quality_manager,
        )
        for model in (AuditNote, Reply, Acknowledgement, NoSignificantRisk, NotApplicable, SavedMapping):
            make(model, **_behind(model, people))
        make(Acceptance, **_behind(Acceptance, people), expires_on=acme.today() + timedelta(days=9))
        make(Enhancement, 2, measured_effect="Fewer calls", measured_on=acme.today())
    return made


def _add_fields(slug: str, people: People) -> None:
    choices = [{"code": "one", "label": "The one", "retired": False}]
    for label, kind, more in (("Words", "text", {}), ("Choice", "choice", {"choices": choices}), ("Who", "person", {})):
        field = CustomField(register=slug, label=label, kind=kind, help_text="What it is", **more)
        add_field(field, by=people.quality_manager)


def _behind(model: type[models.Model], people: People) -> dict[str, Any]:
    """What a row of a table that no form fills hangs on, the way services would set it."""
    fields = [field for field in model._meta.concrete_fields if not field.editable and not field.null]
    related = [f for f in fields if isinstance(f, models.ForeignKey) and f.name != "organization"]
    return {
        f.name: people.top_management if f.related_model is User else f.related_model._base_manager.latest("pk")
        for f in related
    }


def _browser(person: User) -> Client:
    browser = Client()
    browser.force_login(User.objects.get(pk=person.pk))  # anew: the name is another one now
    return browser


def filled_in(inputs: dict[str, tuple[str, str]]) -> dict[str, str]:
    """A form in which somebody wrote markup wherever it takes words, days and numbers."""
    told = ("hidden", "select", "checkbox", "radio", "file", "password")
    return {
        name: value if kind in told else f'"{SHORT}"@planted.example' if kind == "email" else f"={LONG}"[:150]
        for name, (kind, value) in inputs.items()
        if kind != "file"
    }


@pytest.fixture(scope="module")
def opened(house: House, planted: list[str], people: People) -> dict[tuple[str, str], str]:
    """Every page as HTML, as each person who may open it has it; of a register's pages the first who may."""
    found = {}
    for name in MEMBERS:
        browser = _browser(people[name])
        for page in organization_pages():
            if page.register and any((page.name, other) in found for other in MEMBERS):
                continue
            answer = browser.get(house.address(page))
            if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
                found[page.name, name] = answer.content.decode()
    return found


def test_every_column_that_people_write_in_is_planted(planted: list[str]) -> None:
    current = {name for name in could_be_planted() if ".Historical" not in name}
    assert sorted(current - set(planted) - EMPTY.keys()) == []


def test_nothing_that_people_write_becomes_part_of_a_page(opened: dict[tuple[str, str], str]) -> None:
    assert {where: Page(html).became for where, html in opened.items() if Page(html).became} == {}
    assert sum(TAG in html for html in opened.values()) > 200


@pytest.fixture(scope="module")
def sent(house: House, opened: dict[tuple[str, str], str], people: People) -> dict[tuple[str, str], str]:
    """What comes back from every form that was filled in with markup; nothing of it is kept."""
    found, browsers = {}, {name: _browser(people[name]) for name in MEMBERS}
    addresses = {page.name: house.address(page) for page in organization_pages()}
    for (page, name), html in opened.items():
        for number, (action, inputs) in enumerate(Page(html).forms):
            if action.startswith(reverse("account_logout")):
                continue
            with transaction.atomic():
                answer = browsers[name].post(urljoin(addresses[page], action), filled_in(inputs), follow=True)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (page, name, action)
            found[f"{page} {number}", name] = answer.content.decode() if not answer.streaming else ""
    return found


def test_nothing_that_is_sent_becomes_part_of_the_answer(sent: dict[tuple[str, str], str]) -> None:
    assert {where: Page(html).became for where, html in sent.items() if Page(html).became} == {}
    assert sum(TAG in html for html in sent.values()) > 50


def test_what_people_write_is_text_in_chromium_and_asks_nothing(
    opened: dict[tuple[str, str], str], sent: dict[tuple[str, str], str]
) -> None:
    """Each kind of page and answer once, with the product's own scripts: what is no element there never becomes one."""
    if connection.vendor != "sqlite":
        pytest.skip("A browser sees the same pages, whichever database they came from.")
    if (found := chromium(os.environ)).missing:
        pytest.skip(str(found))
    kinds = {page.name: page.kind for page in organization_pages()}
    pages = {kinds[name.partition(" ")[0]] + who: html for (name, who), html in (opened | sent).items() if TAG in html}
    # In a thread of its own: Django refuses its database to one in which a browser is driven.
    with ThreadPoolExecutor(1) as thread:
        looked_at = thread.submit(look_at_each, found.url, pages).result()
    assert sorted({f"{name}: {each}" for name, troubles in looked_at.items() for each in troubles}) == []
    assert len(looked_at) > 90


def test_no_mail_is_anything_but_plain_text(house: House, planted: list[str]) -> None:
    with in_organization(house.organization):
        invitation = Invitation.objects.latest("pk")
        send_invitation(invitation.pk)
        person = User.objects.get(pk=invitation.invited_by_id)
        comment(house.records["risks"], f"@{person.name} {LONG}", by=invitation.invited_by)
        mail_heads()
        send_waiting()
    assert {message.content_subtype for message in mail.outbox} == {"plain"}
    assert not any(getattr(message, "alternatives", ()) for message in mail.outbox)
    assert any(TAG in message.body for message in mail.outbox)


def test_no_workbook_holds_a_formula_and_no_csv_begins_with_one(
    house: House, planted: list[str], people: People
) -> None:
    browser = _browser(people.quality_manager)
    for register in registry:
        book = _whole(browser.get(f"/o/acme/{register.slug}/export.xlsx"))
        table = _whole(browser.get(f"/o/acme/{register.slug}/export.csv")).decode("utf-8-sig")
        with zipfile.ZipFile(io.BytesIO(book)) as parts:
            sheets = [parts.read(name).decode() for name in parts.namelist() if "/sheet" in name]
        assert not any("<f>" in sheet or "<f " in sheet for sheet in sheets), register.slug
        cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "@"))], register.slug
        assert any(TAG in cell for cell in cells), register.slug


def test_paper_prints_what_was_planted_and_nothing_of_it_is_typeset(house: House, planted: list[str]) -> None:
    """A sign-off; the report and workbook of a pack, which other processes write, are tried in ``tests/packs``."""
    with in_organization(house.organization):
        paper = sign_off_pdf(SignOff.objects.get(pk=house.sign_off.pk))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages)
    assert f"#panic(1)<{TAG}" in "".join(text.split())


def _whole(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)
