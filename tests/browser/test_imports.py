"""A table from a colleague becomes rows of a register: looked at first, then imported, then imported again without harm."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Enter
from tests.browser.site import Site, shoot

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADER = "Kennung;Überschrift;Wortlaut;Art;Fundstelle;Gültig ab;Wichtigkeit"
GOOD = [
    "KA-1;Lagerkühlung;Die Lager bleiben bei 40 °C Umgebung unter 80 °C.;Kundenanforderung;Rahmenvertrag Müller;01.03.2026;hoch",
    'KA-2;"Geräusch; Prüfstand";"Höchstens 72 dB(A)\nin einem Meter Abstand.";Kundenanforderung;Rahmenvertrag Müller;25.05.2026;mittel',
    "KA-3;Gefährdungsbeurteilung;Die Gefährdungen sind beurteilt und dokumentiert.;gesetzlich;ArbSchG § 5;07.08.2025;kritisch",
]
BAD = "KA-4;Trübung;Der Grenzwert für Trübung wird eingehalten.;gesetzlich;TrinkwV;31.02.2026;hoch"


def table(*rows: str) -> FilePayload:
    """A file as a German spreadsheet saves it: semicolons, Windows-1252."""
    return {
        "name": "Kundenanforderungen.csv",
        "mimeType": "text/csv",
        "buffer": "\r\n".join([HEADER, *rows]).encode("cp1252"),
    }


def upload(page: Page, site: Site, *rows: str) -> None:
    """Upload a table on the import page and wait until it has been looked through."""
    page.goto(site.url("requirements/"))
    page.get_by_role("link", name="Import", exact=True).click()
    page.locator("input[name=file]").set_input_files(table(*rows))
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("heading", name="What the import would do")).to_be_visible()


def counts(page: Page) -> dict[str, str]:
    """New, changed, unchanged and refused rows as the page says it."""
    labels, numbers = page.locator(".cf-counts dt").all_inner_texts(), page.locator(".cf-counts dd").all_inner_texts()
    return {label.strip(): number.strip() for label, number in zip(labels, numbers, strict=True)}


def finish(page: Page, button: str) -> None:
    """Agree to the import and wait for its report."""
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("link", name="To the register")).to_be_visible()


def test_a_german_file_is_understood_its_bad_row_left_out_and_a_second_import_changes_nothing(
    enter: Enter, site: Site
) -> None:
    page = enter("quality")
    upload(page, site, *GOOD, BAD)

    expect(page.get_by_role("heading", level=1)).to_have_text("Kundenanforderungen.csv")
    found = dict(
        zip(page.locator(".cf-pairs dt").all_inner_texts(), page.locator(".cf-pairs dd").all_inner_texts(), strict=True)
    )
    assert (found["Encoding"], found["Separator"], found["Rows"]) == ("cp1252", "semicolons", "4")
    chosen = page.locator(".cf-mapping select").evaluate_all(
        "selects => selects.map(select => select.selectedOptions[0].label.replace(' *', ''))"
    )
    assert chosen == ["External id", "Title", "Statement", "Kind", "Source", "Effective from", "Criticality"]
    assert counts(page) == {"New": "3", "Changed": "0", "Unchanged": "0", "Refused": "1"}
    expect(page.locator("td.cf-bad")).to_contain_text("31.02.2026")
    expect(page.get_by_role("table", name="Refused rows")).to_contain_text("F5")
    shoot(page, "import-preview")

    finish(page, "Import without the refused row")
    assert counts(page) == {"New": "3", "Changed": "0", "Unchanged": "0", "Refused": "1"}
    shoot(page, "import-result")
    mend_and_import(page, site)

    page.get_by_role("link", name="To the register").click()
    page.get_by_role("searchbox").fill("in einem Meter Abstand")
    expect(page.locator("#count")).to_have_text("1 row")
    page.locator("tbody th a").click()
    facts = page.locator(".cf-record-main .cf-card").first
    for text in (
        "Höchstens 72 dB(A)",
        "in einem Meter Abstand.",
        "Customer",
        "Rahmenvertrag Müller",
        "25 May 2026",
        "Medium",
    ):
        expect(facts).to_contain_text(text)

    upload(page, site, *GOOD)
    assert counts(page) == {"New": "0", "Changed": "0", "Unchanged": "3", "Refused": "0"}
    finish(page, "Import")
    assert counts(page) == {"New": "0", "Changed": "0", "Unchanged": "3", "Refused": "0"}


def mend_and_import(page: Page, site: Site) -> None:
    """Mend the workbook of refused rows, drop it in again, and undo that import."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Refused rows with reasons").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet: Any = book.active
    assert (sheet["C2"].value, sheet["G2"].value) == ("Trübung", "31.02.2026")
    sheet["G2"] = "28.02.2026"
    mended = io.BytesIO()
    book.save(mended)
    page.goto(site.url("requirements/import/"))
    page.locator("input[name=file]").set_input_files(
        {"name": download.value.suggested_filename, "mimeType": XLSX, "buffer": mended.getvalue()}
    )
    page.get_by_role("button", name="Look at the file").click()
    expect(page.locator(".cf-notice")).to_contain_text("The columns are those of Kundenanforderungen.csv")
    assert counts(page) == {"New": "1", "Changed": "0", "Unchanged": "0", "Refused": "0"}
    finish(page, "Import")
    page.get_by_role("link", name="Undo this import").click()
    shoot(page, "import-undo")
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_role("heading", name="Undone: 1 row archived")).to_be_visible()


def test_an_export_edited_in_a_spreadsheet_comes_back_with_its_edits_and_a_comment(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("issues/?sort=reference"))
    page.locator("summary", has_text="Export these").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Workbook with all columns").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet: Any = book.active
    places = {cell.value: cell.column for cell in sheet[1]}
    reference, title = (sheet.cell(2, places[label]).value for label in ("Reference", "Issue"))
    sheet.cell(2, places["Issue"]).value = f"{title}, said anew"
    said = sheet.cell(2, places["Comments"]).value
    sheet.cell(2, places["Comments"]).value = f"{said}\nAgreed on the phone." if said else "Agreed on the phone."
    edited = io.BytesIO()
    book.save(edited)

    page.goto(site.url("issues/import/"))
    page.locator("input[name=file]").set_input_files(
        {"name": "issues.xlsx", "mimeType": XLSX, "buffer": edited.getvalue()}
    )
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("heading", name="What the import would do")).to_be_visible()
    assert (counts(page)["Changed"], counts(page)["Refused"]) == ("1", "0")
    expect(page.get_by_role("table", name="Rows that change")).to_contain_text("Agreed on the phone.")
    expect(page.get_by_label("Comments", exact=True)).to_be_hidden()
    page.locator("summary", has_text="columns").click()
    expect(page.get_by_label("Comments", exact=True)).to_be_visible()
    finish(page, "Import")

    page.goto(site.url(f"issues/{reference}/"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{title}, said anew")
    expect(page.locator("#comments")).to_contain_text("Agreed on the phone.")


def test_a_column_that_is_not_known_is_assigned_and_the_file_checked_again(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("requirements/import/"))
    content = "Nr;Was der Kunde sagt;Art\nZ-1;Flansche nach DIN EN 1092-1.;Kunde\n".encode("cp1252")
    page.locator("input[name=file]").set_input_files({"name": "Anruf.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("alert")).to_contain_text("Statement")
    page.get_by_label("Was der Kunde sagt").select_option(label="Statement *")
    page.get_by_role("button", name="Check again").first.click()
    expect(page.get_by_role("heading", name="What the import would do")).to_be_visible()
    assert counts(page)["New"] == "1"
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".cf-messages")).to_contain_text("nothing was written")


def test_what_is_no_table_is_said_in_words(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("requirements/import/"))
    page.locator("input[name=file]").set_input_files(
        {"name": "photo.csv", "mimeType": "text/csv", "buffer": bytes(range(256)) * 20}
    )
    page.get_by_role("button", name="Look at the file").click()
    expect(page.get_by_role("alert")).to_contain_text("not a text file")
    expect(page.get_by_role("button", name="Import", exact=True)).to_have_count(0)
