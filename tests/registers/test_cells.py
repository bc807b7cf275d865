"""Editing a list in place: one cell, and blocks of cells pasted from a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from actions.models import Action
from feedback.models import FeedbackItem
from organizations.models import Membership, Organization, Site, User
from organizations.scope import in_organization
from registers.custom_fields.models import CustomField
from registers.custom_fields.services import add_field
from registers.editing.cells import as_sent, block_of, editable, form_with
from registers.register import registry
from requirements_registry.models import Requirement
from tests.people import People, make_organization, make_people
from tests.support.factories import make, make_many

pytestmark = pytest.mark.django_db
PASTE = "/o/acme/actions/cells/?sort=title"
HTMX = {"HX-Request": "true"}
QUOTE = '"'


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Organization:
    """As for all tests, but made once."""
    return make_organization("acme", "Acme Pumps")


@pytest.fixture(scope="module")
def people(acme: Organization) -> People:
    """As for all tests, but made once."""
    return make_people(acme, make_organization("other", "Other Valves"))


@pytest.fixture(scope="module")
def made(acme: Organization, people: People) -> Iterator[dict[str, Any]]:
    """Three actions and a row of every other register; the tests run inside Acme."""
    with in_organization(acme):
        rows = {register.slug: make_many(register, 1)[0] for register in registry if register.slug != "actions"}
        actions = [make(Action, title=f"Action {n}", owner=people.quality_manager, kind="correction") for n in range(3)]
        yield {**rows, "actions": actions[0], "several": actions}


@pytest.fixture(autouse=True)
def rows(made: dict[str, Any]) -> list[Action]:
    """The three actions as they stand now."""
    return list(Action.objects.order_by("pk"))


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    """The quality manager's browser."""
    return client_of(people.quality_manager)


def cell(row: Any, column: str) -> str:
    return f"/o/acme/{row.register_slug}/{row.reference}/cell/{column}/"


def now(row: Action) -> Action:
    return Action.objects.get(pk=row.pk)


# --- One cell -----------------------------------------------------------------------------------------------------------


def test_a_cell_is_saved_with_its_history_and_changes_nothing_else(manager: Client, rows: list[Action]) -> None:
    response = manager.post(cell(rows[0], "due_on"), {"due_on": "2026-05-04", "revision": "1"})
    assert response.status_code == 302
    new, old = now(rows[0]).history.order_by("-history_id")
    differing = {f.name for f in new.tracked_fields if getattr(new, f.attname) != getattr(old, f.attname)}
    assert (new.due_on, differing) == (date(2026, 5, 4), {"due_on", "revision", "changed_at"})


def test_a_list_gets_the_field_and_then_the_row(manager: Client, rows: list[Action]) -> None:
    editor = manager.get(cell(rows[0], "status"), headers=HTMX).content.decode()
    assert "<html" not in editor
    assert '<option value="under_way">' in editor
    response = manager.post(
        f"{cell(rows[0], 'status')}?columns=status,title", {"status": "under_way", "revision": "1"}, headers=HTMX
    )
    row = response.content.decode()
    assert row.count("<td") == 3
    assert 'data-revision="2"' in row
    assert "Under way" in row


def test_the_registers_own_form_has_the_say(manager: Client, rows: list[Action]) -> None:
    response = manager.post(cell(rows[0], "status"), {"status": "done", "revision": "1"})
    assert response.status_code == 422
    assert response.context["problems"] == ["Say on which day it was done."]
    part = manager.post(cell(rows[0], "status"), {"status": "done", "revision": "1"}, headers=HTMX)
    assert (part.status_code, part.headers["HX-Retarget"]) == (200, "#cell-editor")
    assert now(rows[0]).revision == 1


def test_who_saves_second_sees_both_versions_and_chooses(manager: Client, rows: list[Action]) -> None:
    address = cell(rows[0], "title")
    manager.post(address, {"title": "Theirs", "revision": "1"})
    response = manager.post(address, {"title": "Mine", "revision": "1"})
    assert response.status_code == 409
    assert (response.context["conflict"]["yours"], response.context["conflict"]["theirs"]) == ("Mine", "Theirs")
    assert now(rows[0]).title == "Theirs"
    assert response.context["conflict"]["revision"] == 2
    assert manager.post(address, {"title": "Mine", "revision": "1", "overwrite": "2"}).status_code == 302
    assert now(rows[0]).title == "Mine"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_moment_outside_of_the_calendar_is_refused(manager: Client, moment: str) -> None:
    row = make(FeedbackItem, 1)
    response = manager.post(
        f"/o/acme/feedback/{row.reference}/cell/collected_at/", {"collected_at": moment, "revision": "1"}
    )
    assert response.status_code == 422
    assert "between 1000 and 9998" in response.content.decode()


@pytest.mark.parametrize("overwrite", ["1", "2", "", "²", "9" * 5000])
def test_a_save_that_the_person_was_not_shown_is_not_overwritten(
    manager: Client, rows: list[Action], overwrite: str
) -> None:
    address = cell(rows[0], "title")
    manager.post(address, {"title": "Theirs", "revision": "1"})
    manager.post(address, {"title": "A third one", "revision": "2"})
    response = manager.post(address, {"title": "Mine", "revision": "1", "overwrite": overwrite})
    assert (response.status_code, now(rows[0]).title) == (409, "A third one")


def test_a_form_that_wants_a_reason_asks_for_it(manager: Client, made: dict[str, Any]) -> None:
    row = make(Requirement, 50, status="active", statement="Runs quietly.")
    response = manager.post(cell(row, "statement"), {"statement": "Runs silently.", "revision": "1"})
    assert response.status_code == 422
    assert response.context["reason"] is not None
    data = {"statement": "Runs silently.", "revision": "1", "change_reason": "Agreed"}
    assert manager.post(cell(row, "statement"), data).status_code == 302


def test_what_is_worked_out_or_archived_can_not_be_edited(manager: Client, rows: list[Action]) -> None:
    assert manager.get(cell(rows[0], "archived_at")).status_code == 404
    Action.objects.get(pk=rows[1].pk)
    manager.post(f"/o/acme/actions/{rows[1].reference}/archive/", {"reason": "Twice"})
    assert manager.get(cell(rows[1], "title")).status_code == 404


def test_a_row_that_its_owner_gave_away_can_be_edited_no_more(
    people: People, client_of: Callable[..., Client], rows: list[Action]
) -> None:
    rows[0].owner = people.contributor
    rows[0].save()
    values = {"owner": str(people.quality_manager.pk), "revision": str(now(rows[0]).revision)}
    response = client_of(people.contributor).post(cell(rows[0], "owner"), values, headers=HTMX)
    assert now(rows[0]).owner == people.quality_manager
    assert "data-revision" not in response.content.decode()


def test_contributors_edit_the_rows_that_are_theirs(
    people: People, rows: list[Action], client_of: Callable[..., Client]
) -> None:
    rows[0].owner = people.contributor
    rows[0].save()
    browser = client_of(people.contributor)
    table = browser.get("/o/acme/actions/?sort=title").context["table"]
    assert [row.revision for row in table.rows] == [1, None, None]
    assert browser.get(cell(rows[0], "title")).status_code == 200
    assert browser.get(cell(rows[1], "title")).status_code == 403
    assert client_of(people.auditor).get("/o/acme/actions/").context["editable_columns"] == ""


@pytest.mark.parametrize("slug", list(registry.slugs()))
def test_a_form_sent_as_it_was_opened_changes_nothing(slug: str, made: dict[str, Any]) -> None:
    register, row = registry[slug], made[slug]
    assert register.model.title_field in editable(register)
    form = form_with(register, row, {}, revision=row.revision)
    assert (form.is_valid(), form.changed_values) == (True, []), form.errors
    assert as_sent(form)["revision"] == str(row.revision)


# --- Blocks of cells ----------------------------------------------------------------------------------------------------


def paste(browser: Client, rows: list[Action], columns: str, text: str, **further: str) -> Any:
    data = {
        "references": ",".join(row.reference for row in rows),
        "revisions": ",".join(str(row.revision) for row in rows),
        "columns": columns,
        "text": text,
    }
    return browser.post(PASTE, data | further)


def test_a_spreadsheets_text_is_read_cell_by_cell() -> None:
    assert block_of('a\tb\r\n"two\nlines"\t"with ""quotes"""\r\n') == [["a", "b"], ["two\nlines", 'with "quotes"']]


def copied(cell: str) -> str:
    """A cell as our own pages and spreadsheets copy it."""
    return f'"{cell.replace(QUOTE, QUOTE * 2)}"' if set(cell) & set('\t\n"') else cell


def as_text(block: list[list[str]]) -> str:
    return "".join("\t".join(map(copied, row)) + "\n" for row in block)


def blocks(cells: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=4)


def is_open_or_quoted(cell: str) -> bool:
    """Whether a cell begins with a quote and nothing in it says that it isn't quoted."""
    inside, closing = cell[1:].removesuffix(QUOTE), cell[1:].endswith(QUOTE)
    pairs = QUOTE not in inside.replace(QUOTE * 2, "")
    return cell.startswith(QUOTE) and (
        QUOTE not in cell[1:].replace(QUOTE * 2, "") or (closing and pairs and QUOTE in inside)
    )


@given(blocks(st.text(alphabet='aB "\t\n', max_size=8)))
def test_copied_cells_come_back_as_they_were(block: list[list[str]]) -> None:
    assert block_of(as_text(block)) == [[cell.strip() for cell in row] for row in block]


@given(blocks(st.text(alphabet='a "', max_size=8).filter(lambda cell: not is_open_or_quoted(cell))))
def test_quotes_that_are_not_around_a_cell_are_its_own(block: list[list[str]]) -> None:
    text = "\n".join("\t".join(row) for row in block) + "\n"
    assert block_of(text) == [[cell.strip() for cell in row] for row in block]


@pytest.mark.parametrize("text", ['"Urgent" valve', '"Urgent"', '""', '19" rack', '"a" and "b"'])
def test_quotes_that_nothing_needs_belong_to_the_text(text: str) -> None:
    assert block_of(f"{text}\t{text}\n{text}") == [[text, text], [text]]


def test_a_quote_that_is_never_closed_leaves_the_cells_after_it_alone() -> None:
    assert block_of('"Urgent valve\tb\nSecond') == [['"Urgent valve', "b"], ["Second"]]


def test_an_empty_line_is_an_empty_cell() -> None:
    assert block_of("a\r\n\r\nb\r\n\r\n") == [["a"], [""], ["b"], [""]]


def test_a_cell_of_any_length_is_read() -> None:
    assert block_of(f'"{"x" * 200_000}\n"') == [["x" * 200_000]]


def test_pasted_cells_are_shown_before_they_are_written(manager: Client, rows: list[Action]) -> None:
    text = "Under way\tContributor\t4 May 2026\nplanned\tquality.manager@acme.example\t2026-05-05"
    response = paste(manager, rows, "status,owner,due_on", text)
    assert response.context["counts"] == {"changed": 2, "unchanged": 0, "refused": 0}
    assert [row.changes for row in response.context["rows"]] == [
        [("Status", "Planned", "Under way"), ("Owner", "Quality Manager", "Contributor"), ("Due", "", "4 May 2026")],
        [("Due", "", "5 May 2026")],
    ]
    assert now(rows[0]).status == "planned"


def test_pasted_cells_are_written_once_they_were_looked_at(manager: Client, rows: list[Action], people: People) -> None:
    response = paste(manager, rows, "status,waiting_days", "Under way\t10\nnonsense\t20\nUnder way\t30", write="1")
    assert (response.status_code, response.headers["Location"]) == (302, "/o/acme/actions/?sort=title")
    assert [(row.status, row.waiting_days) for row in map(now, rows)] == [
        ("under_way", 10),
        ("planned", 30),
        ("under_way", 30),
    ]
    version = now(rows[0]).history.latest()
    assert (version.history_user, version.history_change_reason) == (people.quality_manager, "Pasted into the list")


def test_cells_that_do_not_fit_are_refused_with_the_reason(manager: Client, rows: list[Action]) -> None:
    rows[1].revision = 7
    response = paste(manager, rows, "due_on,archive_reason", "01/02/2026\t\n2026-01-01\t\nsoon\tOld")
    problems = [" ".join(row.problems) for row in response.context["rows"]]
    assert "Due: " in problems[0]
    assert "Somebody else saved this row in the meantime." in problems[1]
    assert "Due: " in problems[2]
    assert "Reason for archiving can't be edited in the list" in problems[2]
    assert response.context["counts"]["refused"] == 3


def test_more_rows_than_the_list_has_are_left_out_and_said_so(manager: Client, rows: list[Action]) -> None:
    response = paste(manager, rows[2:], "title", "One\nTwo\nThree")
    assert (len(response.context["rows"]), response.context["left_out"]) == (1, 2)


def test_rows_that_are_somebody_elses_are_refused(
    people: People, rows: list[Action], client_of: Callable[..., Client]
) -> None:
    rows[0].owner = people.contributor
    rows[0].save()
    response = paste(client_of(people.contributor), rows, "title", "One\nTwo\nThree", write="1")
    assert response.status_code == 302
    assert [now(row).title for row in rows] == ["One", "Action 1", "Action 2"]


def test_nothing_to_paste_leads_back_to_the_list(manager: Client, rows: list[Action]) -> None:
    for columns, text in (("title", ""), ("organization__name", "x"), ("", "x")):
        assert paste(manager, rows, columns, text).status_code == 302
    assert now(rows[0]).title == "Action 0"


def test_a_pasted_name_that_two_people_bear_is_refused(manager: Client, rows: list[Action], acme: Organization) -> None:
    for number in (1, 2):
        anna = User.objects.create(email=f"anna{number}@acme.example", name="Anna Schmidt")
        Membership(
            organization=acme, user=anna, role="contributor", job_title="Fitter", valid_from=date(2020, 1, 1)
        ).save()
    response = paste(manager, rows[:1], "owner", "Anna Schmidt")
    assert "Several are called “Anna Schmidt”." in response.context["rows"][0].problems[0]


def test_a_pasted_number_is_nobodys_database_key(manager: Client, rows: list[Action], people: People) -> None:
    response = paste(manager, rows[:1], "owner", str(people.contributor.pk))
    assert f"“{people.contributor.pk}” isn't known here." in response.context["rows"][0].problems[0]


def test_a_pasted_site_is_found_by_code_or_name(manager: Client, rows: list[Action]) -> None:
    site = Site.objects.create(code="HH", name="Hamburg works")
    paste(manager, rows[:2], "site", "hh\nHamburg  works", write="1")
    assert [now(row).site for row in rows[:2]] == [site, site]


def test_a_pasted_number_is_no_sites_database_key(manager: Client, rows: list[Action]) -> None:
    site = Site.objects.create(code="HH", name="Hamburg works")
    response = paste(manager, rows[:1], "site", str(site.pk))
    assert "isn't known here." in response.context["rows"][0].problems[0]


@pytest.mark.parametrize("text", ["", "–"])
def test_an_empty_cell_takes_a_person_away(manager: Client, rows: list[Action], text: str) -> None:
    paste(manager, rows[:2], "owner", f"{text}\n{text}\n", write="1")
    assert [now(row).owner for row in rows[:2]] == [None, None]


@pytest.mark.parametrize(("text", "code"), [("North", "north_2"), ("NORTH-EAST", "north"), ("north_2", "north_2")])
def test_a_pasted_choice_is_known_by_its_label_before_any_code(
    manager: Client, rows: list[Action], people: People, text: str, code: str
) -> None:
    choices = [
        {"code": c, "label": label, "retired": False} for c, label in (("north", "North-East"), ("north_2", "North"))
    ]
    area = CustomField(register="actions", label="Area", kind="choice", shown=True, choices=choices)
    add_field(area, by=people.quality_manager)
    paste(manager, rows[:1], area.key, text, write="1")
    assert now(rows[0]).custom == {area.key: code}


def test_rows_that_would_get_the_same_external_id_are_refused(manager: Client, rows: list[Action]) -> None:
    response = paste(manager, rows, "external_id", "X\nX\nY", write="1")
    assert response.status_code == 302
    assert [now(row).external_id for row in rows] == ["", "", "Y"]
    response = paste(manager, rows[:2], "external_id", "X\nX")
    assert [row.problems for row in response.context["rows"]] == [["Another row has this external id."]] * 2


def test_an_external_id_that_another_row_has_is_refused(manager: Client, rows: list[Action]) -> None:
    paste(manager, rows[:1], "external_id", "X", write="1")
    response = paste(manager, rows[1:2], "external_id", "X")
    assert response.context["rows"][0].problems == ["Another row has this external id."]


def test_a_revision_of_thousands_of_digits_is_none(manager: Client, rows: list[Action]) -> None:
    response = paste(manager, rows[:1], "title", "New", revisions="9" * 5_000)
    assert response.context["rows"][0].problems == ["Somebody else saved this row in the meantime."]
    assert manager.post(cell(rows[0], "title"), {"title": "New", "revision": "9" * 5_000}).status_code == 200
