"""What every register keeps to, tried on each of them: a new register is tried by being declared."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from organizations.models import Organization, Site
from organizations.scope import in_organization
from registers.lists.pagination import PAGE
from registers.register import Register, registry
from tests.people import People
from tests.support.factories import build, form_data, make, make_many

pytestmark = pytest.mark.parametrize("register", list(registry), ids=lambda register: register.slug)

#: Asks for the rows of a list without the page around them.
ROWS = {"HX-Request": "true"}


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    """The quality manager's browser."""
    return client_of(people.quality_manager)


def url(register: Register, name: str = "", query: str = "") -> str:
    return f"/o/acme/{register.slug}/{name}{query}"


def drawn(client: Client, register: Register, query: str = "") -> dict[str, Any]:
    """What the rows of the list are drawn from, without the page around them."""
    response = client.get(url(register, query=f"?{query}"), headers=ROWS)
    assert (response.status_code, response.context_data is None) == (200, False), query
    return response.context_data or {}


def listed(client: Client, register: Register, query: str = "") -> list[str]:
    """The references that the list shows, over all its pages."""
    found, page = [], ""
    while True:
        rows = drawn(client, register, f"{query}&page={page}")
        found += [row.reference for row in rows["table"].rows]
        page = rows["page_obj"].next
        if page is None:
            return found


def exported(client: Client, register: Register, query: str = "") -> list[dict[str, str]]:
    """The rows of the CSV export, by heading."""
    response = client.get(url(register, "export.csv", f"?{query}"))
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def references(rows: list[dict[str, str]]) -> list[str]:
    return [row["Reference"] for row in rows]


def text_field(register: Register) -> str:
    """The field that says in a line what a record is."""
    return register.model.title_field


# --- Lists, filters, search, order, exports ---------------------------------------------------------------------------


def test_the_list_shows_every_current_row_once_over_its_pages(
    register: Register, acme: Organization, manager: Client
) -> None:
    with in_organization(acme):
        rows = make_many(register, PAGE + 3, link=False)
    shown = listed(manager, register)
    assert sorted(shown) == sorted(row.reference for row in rows)


def test_a_cursor_that_leads_nowhere_shows_the_first_page(
    register: Register, acme: Organization, manager: Client
) -> None:
    with in_organization(acme):
        make(register.model)
    for page in ("99", "-1", "x:y", "last", ""):
        response = manager.get(url(register, query=f"?page={page}"))
        assert (response.status_code, len(response.context["table"].rows)) == (200, 1)


def test_an_empty_register_says_what_belongs_there(register: Register, manager: Client) -> None:
    response = manager.get(url(register))
    assert str(register.description) in response.content.decode().replace("&#x27;", "'")


def test_search_narrows_list_and_export_to_the_rows_that_hold_every_word(
    register: Register, acme: Organization, manager: Client
) -> None:
    with in_organization(acme):
        rows = make_many(register, 3, link=False)
    query = f"q={rows[1].reference.lower()}"
    assert listed(manager, register, query) == references(exported(manager, register, query)) == [rows[1].reference]
    assert listed(manager, register, "q=nothing+holds+these+words") == []


def test_every_searched_field_is_searched(register: Register, acme: Organization, manager: Client) -> None:
    for path in register.search:
        name, _, further = path.partition("__")
        with in_organization(acme):
            value: Any = "Xylophone"
            if further:
                value = make(
                    register.model._meta.get_field(name).related_model,
                    77,
                    **{further: "Xylophone", "external_id": path},
                )
            row = build(register.model, 7, **{name: value, "external_id": f"S-{path}"})
            row.save()  # unchecked: an origin is searched for what stands there
        assert row.reference in listed(manager, register, "q=xylophone"), path


def test_every_column_that_sorts_sorts_list_and_export_alike_and_loses_no_row(
    register: Register, acme: Organization, manager: Client
) -> None:
    with in_organization(acme):
        everything = sorted(row.reference for row in make_many(register, 4, link=False))
    for column in register.bound.values():
        if column.sort:
            for sort in (column.name, f"-{column.name}"):
                shown = listed(manager, register, f"sort={sort}")
                assert shown == references(exported(manager, register, f"sort={sort}")), sort
                assert sorted(shown) == everything, sort


def test_an_unknown_sort_is_the_usual_order(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        make_many(register, 3, link=False)
    assert listed(manager, register, "sort=organization__memberships__user__password") == listed(manager, register)


def test_every_filter_narrows_list_and_export_alike(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        everything = {row.reference for row in make_many(register, 3)}
        fields = {name: list(_values_of(field)) for name, field in register.filterset(request=None).form.fields.items()}
    for name, values in fields.items():
        for value in values:
            shown = listed(manager, register, f"{name}={value}")
            assert shown == references(exported(manager, register, f"{name}={value}")), (name, value)
            assert set(shown) <= everything


def _values_of(field: Any) -> list[str]:
    """Some values that a person could choose or type."""
    if hasattr(field, "queryset"):
        return [getattr(row, "reference", str(row.pk)) for row in field.queryset[:2]]
    if hasattr(field, "choices"):
        return [str(value) for value, _label in list(field.choices)[:6] if value not in ("", None)]
    return ["1", "a"]


@pytest.mark.parametrize("value", ["%00", "99999999999999999999", "-1", "💥", "' OR 1=1 --", "2026-99-99"])
def test_a_filter_that_is_not_understood_never_shows_more_rows(
    register: Register, value: str, acme: Organization, manager: Client
) -> None:
    with in_organization(acme):
        make(register.model)
        names = list(register.filterset(request=None).form.fields)
        everything = register.records()
        for name in names:
            found = register.filterset({name: value}, queryset=everything, request=None).qs
            assert set(found) <= set(everything), name
    page = manager.get(url(register, query="?" + "&".join(f"{name}={value}" for name in names)))
    assert page.status_code == (400 if value == "%00" else 200)  # nobody can type a NUL
    if value == "%00":
        return
    assert len(page.context["table"].rows) <= 1


def test_a_filter_for_a_foreign_row_shows_nothing(
    register: Register, acme: Organization, other: Organization, manager: Client
) -> None:
    with in_organization(other):
        foreign = Site.objects.create(code="F", name="Foreign")
    with in_organization(acme):
        make(register.model)
    assert listed(manager, register, f"site={foreign.pk}") == []


def test_csv_and_workbook_hold_the_same_cells(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        make_many(register, 2)
    text = [list(row.values()) for row in exported(manager, register)]
    response = manager.get(url(register, "export.xlsx"))
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    cells = [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [len(row) for row in cells] == [len(row) for row in text]
    assert [[cell is None for cell in row] for row in cells] == [[cell == "" for cell in row] for row in text]
    first = list(register.bound).index("reference")
    assert [row[first] for row in cells] == [row[first] for row in text]


def test_texts_that_a_spreadsheet_would_run_stay_texts(register: Register, acme: Organization, manager: Client) -> None:
    payload = "=1+1"
    with in_organization(acme):
        make(register.model, external_id=payload)
    assert payload not in exported(manager, register)[0].values()
    response = manager.get(url(register, "export.xlsx"))
    data = io.BytesIO(b"".join(response.streaming_content))
    assert b"<f>" not in zipfile.ZipFile(data).read("xl/worksheets/sheet1.xml")


def test_exporting_is_recorded(register: Register, acme: Organization, manager: Client) -> None:
    from trail.models import Event

    exported(manager, register, "archived=all")
    with in_organization(acme):
        event = Event.objects.get()
    assert (event.verb, event.subject, event.data) == (
        "exported",
        register.slug,
        {"query": "archived=all", "format": "csv"},
    )


def test_an_htmx_request_gets_the_rows_alone(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        row = make(register.model)
    content = manager.get(url(register), headers=ROWS).content.decode()
    assert row.reference in content
    assert "<html" not in content


def test_suggestions_name_rows_by_what_was_typed(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        rows = make_many(register, 2, link=False)
    assert rows[0].reference in manager.get(url(register, "suggest/", f"?field={rows[0].reference}")).content.decode()
    assert (
        rows[0].reference not in manager.get(url(register, "suggest/", f"?field={rows[1].reference}")).content.decode()
    )


# --- One record -------------------------------------------------------------------------------------------------------


def test_a_record_that_is_made_in_the_browser_is_there_with_who_made_it(
    register: Register, acme: Organization, people: People, manager: Client
) -> None:
    with in_organization(acme):
        sample = make(register.model, 1)
        data = form_data(register.form(instance=sample)) | {"external_id": "NEW-1"}
    response = manager.post(url(register, "new/"), data)
    assert response.status_code == 302, response.context["form"].errors
    with in_organization(acme):
        record = register.model.objects.get(external_id="NEW-1")
        assert response.headers["Location"] == record.get_absolute_url()
        assert record.history.latest().history_user == people.quality_manager
    assert manager.get(response.headers["Location"]).status_code == 200


def test_a_form_with_nothing_in_it_is_shown_again_with_its_errors(
    register: Register, acme: Organization, manager: Client
) -> None:
    response = manager.post(url(register, "new/"), {})
    assert response.status_code == 422
    assert response.context["form"].errors
    with in_organization(acme):
        assert not register.model.objects.exists()


def test_an_external_id_is_taken_once(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        data = form_data(register.form(instance=make(register.model, external_id="TAKEN")))
    response = manager.post(url(register, "new/"), data)
    assert response.status_code == 422
    assert "Another row has this external id." in str(response.context["form"].errors)


def edit(client: Client, register: Register, reference: str, **changes: Any) -> Any:
    """Open a record's form and save it with changes."""
    return client.post(url(register, f"{reference}/edit/"), opened(client, register, reference) | changes)


def opened(client: Client, register: Register, reference: str) -> dict[str, Any]:
    """What the form of a record would send as it is."""
    form = client.get(url(register, f"{reference}/edit/")).context["form"]
    organization = Organization.objects.get(slug="acme")
    with in_organization(organization), timezone.override(organization.zone):
        return form_data(form)


def test_a_change_is_saved_and_shown_in_the_history_as_old_and_new(
    register: Register, acme: Organization, manager: Client
) -> None:
    with in_organization(acme):
        row = make(register.model, external_id="OLD-ID")
    response = edit(manager, register, row.reference, external_id="NEW-ID", change_reason="Renumbered at the source")
    assert response.status_code == 302
    history = manager.get(url(register, f"{row.reference}/history/")).content.decode()
    for words in ("OLD-ID", "NEW-ID", "Renumbered at the source", "Quality Manager"):
        assert words in history


def test_a_change_of_one_field_changes_no_other(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        row = make(register.model, external_id="OLD-ID")
    edit(manager, register, row.reference, external_id="NEW-ID")
    with in_organization(acme):
        new, old = row.history.order_by("-history_id")[:2]
        changed = {
            field.name for field in new.tracked_fields if getattr(new, field.attname) != getattr(old, field.attname)
        }
    assert changed == {"external_id", "revision", "changed_at"}


def test_a_form_that_changes_nothing_writes_nothing(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        row = make(register.model)
    assert edit(manager, register, row.reference).status_code == 302
    with in_organization(acme):
        assert row.history.count() == 1


def test_who_saves_second_is_shown_both_versions_and_overwrites_nothing_silently(
    register: Register, acme: Organization, manager: Client
) -> None:
    with in_organization(acme):
        row = make(register.model, external_id="BEFORE")
    page = url(register, f"{row.reference}/edit/")
    mine = opened(manager, register, row.reference) | {"external_id": "MINE"}
    edit(manager, register, row.reference, external_id="THEIRS")

    response = manager.post(page, mine)
    assert response.status_code == 409
    fields = response.context["conflict"]["fields"]
    assert [(field["yours"], field["theirs"]) for field in fields] == [("MINE", "THEIRS")]
    with in_organization(acme):
        assert register.model.objects.get(pk=row.pk).external_id == "THEIRS"

    shown = response.context["conflict"]["revision"]
    assert manager.post(page, mine | {"overwrite": f"{shown}"}).status_code == 302
    with in_organization(acme):
        assert list(row.history.values_list("external_id", flat=True)) == ["MINE", "THEIRS", "BEFORE"]


def test_an_archived_record_counts_no_more_and_can_be_taken_back(
    register: Register, acme: Organization, manager: Client
) -> None:
    with in_organization(acme):
        row = make(register.model)
    assert manager.post(url(register, f"{row.reference}/archive/"), {"reason": "Recorded twice"}).status_code == 302
    assert (listed(manager, register), listed(manager, register, "archived=yes")) == ([], [row.reference])
    page = manager.get(url(register, f"{row.reference}/")).content.decode()
    assert "Recorded twice" in page

    assert manager.post(url(register, f"{row.reference}/restore/"), {"reason": "It was not"}).status_code == 302
    assert listed(manager, register) == [row.reference]
    with in_organization(acme):
        assert list(row.history.values_list("history_change_reason", flat=True)) == ["It was not", "Recorded twice", ""]


def test_nothing_is_archived_without_a_reason(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        row = make(register.model)
    response = manager.post(url(register, f"{row.reference}/archive/"), {"reason": "  "})
    assert response.context["form"].errors
    assert listed(manager, register) == [row.reference]


def test_a_record_can_not_be_deleted(register: Register, in_acme: Organization, people: People) -> None:
    row = make(register.model)
    with pytest.raises(TypeError, match="archived, never deleted"):
        row.delete()
    with pytest.raises(TypeError, match="archived, never deleted"):
        register.model.objects.all().delete()


# --- Between organizations --------------------------------------------------------------------------------------------


def test_rows_of_another_organization_are_nowhere(
    register: Register, acme: Organization, other: Organization, manager: Client
) -> None:
    with in_organization(other):
        theirs = make_many(register, 2, link=False)
    with in_organization(acme):
        ours = make(register.model)
    assert (
        listed(manager, register, "archived=all")
        == references(exported(manager, register, "archived=all"))
        == [ours.reference]
    )
    assert manager.get(url(register, "suggest/", f"?field={theirs[1].reference}")).content.decode().count("option") == 0
    for page in ("", "edit/", "history/", "archive/", "restore/"):
        assert manager.get(url(register, f"{theirs[1].reference}/{page}")).status_code == 404


def test_a_reference_in_small_letters_finds_its_record(register: Register, acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        row = make(register.model)
    assert manager.get(url(register, f"{row.reference.lower()}/")).status_code == 200
