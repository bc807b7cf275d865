"""Records by form: a mistake is shown where it was made, files come back as they went in, and nobody's words are lost."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Enter
from tests.browser.site import Site


def test_a_requirement_is_recorded_after_a_mistake_and_keeps_its_file(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("requirements/"))
    page.get_by_role("link", name="New requirement").click()
    page.get_by_label("Title").fill("Shaft seal <b>leak rate</b>")
    page.get_by_label("Effective from").fill("2026-04-01")
    page.get_by_role("button", name="Save").click()

    statement = page.get_by_label("Statement")
    expect(page.locator(".cf-errors[role=alert]")).to_contain_text("Statement")
    expect(page.locator("#div_id_statement .invalid-feedback")).to_be_visible()
    assert statement.get_attribute("aria-invalid") == "true"
    assert page.get_by_label("Title").input_value() == "Shaft seal <b>leak rate</b>"
    assert page.get_by_label("Effective from").input_value() == "2026-04-01"

    page.locator(".cf-errors").get_by_role("link", name="Statement").click()
    expect(statement).to_be_focused()
    statement.fill("The shaft seal leaks no more than 5 ml an hour.")
    page.get_by_label("Kind").select_option(label="Customer")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".cf-messages")).to_contain_text("is recorded")
    expect(page.get_by_role("heading", level=1)).to_have_text("Shaft seal <b>leak rate</b>")

    content = "Messung;Wert\nLeckage;4,2 ml/h\n".encode("cp1252")
    panel = page.locator("#attachments")
    panel.locator("input[type=file]").set_input_files(
        {"name": "Prüfbericht <1>.csv", "mimeType": "text/csv", "buffer": content}
    )
    panel.get_by_role("button", name="Attach").click()
    with page.expect_download() as download:
        page.locator("#attachments .cf-files a").click()
    assert download.value.path().read_bytes() == content
    assert "Prüfbericht" in download.value.suggested_filename
    page.goto(page.url + "history/")
    expect(page.locator(".cf-timeline")).to_contain_text("Quality Manager")


def facts(page: Page) -> Locator:
    """What a record's page says the record is."""
    return page.locator(".cf-record-main .cf-card").first


def edit(page: Page, address: str, **values: str) -> None:
    """Open the form of a record and write into it, without saving."""
    page.goto(f"{address}edit/")
    for label, text in values.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(text)


def test_who_saves_second_sees_both_versions_and_nothing_is_lost(enter: Enter, site: Site) -> None:
    address = site.url("actions/ACT-0005/")
    first, second = enter("quality"), enter("quality")
    edit(first, address, Description="Written by the first.", Cause="The first cause.")
    edit(second, address, Description="Written by the second.", Built_into_process="Purchasing")
    first.get_by_role("button", name="Save").click()
    expect(first.locator(".cf-messages")).to_contain_text("is saved")

    second.get_by_role("button", name="Save").click()
    both = second.get_by_role("table", name="Both versions")
    expect(both.get_by_role("row", name="Description")).to_contain_text("Written by the second.")
    expect(both.get_by_role("row", name="Description")).to_contain_text("Written by the first.")
    expect(both.get_by_role("row", name="Built into process")).to_contain_text("Purchasing")
    expect(both.get_by_role("row", name="Cause")).to_contain_text("The first cause.")
    first.reload()
    expect(facts(first)).to_contain_text("Written by the first.")

    # The second takes over what the first wrote about the cause, keeps their own description, and saves.
    second.get_by_label("Cause", exact=True).fill("The first cause.")
    second.get_by_role("button", name="Keep mine").click()
    expect(second.locator(".cf-messages")).to_contain_text("is saved")
    expect(facts(second)).to_contain_text("Written by the second.")
    expect(facts(second)).to_contain_text("The first cause.")
    expect(second.locator(".cf-timeline")).to_contain_text("Written by the first.")


def test_a_conflict_can_end_with_the_other_version(enter: Enter, site: Site) -> None:
    address = site.url("actions/ACT-0006/")
    first, second = enter("quality"), enter("quality")
    edit(first, address, Description="This stays.")
    edit(second, address, Description="This goes.")
    first.get_by_role("button", name="Save").click()
    expect(first.locator(".cf-messages")).to_contain_text("is saved")
    second.get_by_role("button", name="Save").click()
    second.get_by_role("link", name="Take theirs").click()
    expect(second.get_by_label("Description", exact=True)).to_have_value("This stays.")


def test_a_record_is_archived_with_a_reason_and_found_again(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("issues/CIS-0002/"))
    title = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="Archive").click()
    page.locator(".cf-form-actions button[type=submit]").click()
    expect(page.locator(".invalid-feedback")).to_be_visible()
    page.get_by_label("Reason").fill("Merged with CIS-0001.")
    page.locator(".cf-form-actions button[type=submit]").click()
    expect(page.get_by_role("main")).to_contain_text("Merged with CIS-0001.")
    page.goto(site.url("issues/"))
    expect(page.get_by_role("main")).not_to_contain_text(title)
    page.goto(site.url("issues/CIS-0002/"))
    page.get_by_role("link", name="Restore").click()
    page.get_by_label("Reason").fill("It was not the same after all.")
    page.locator(".cf-form-actions button[type=submit]").click()
    page.goto(site.url("issues/"))
    expect(page.get_by_role("main")).to_contain_text(title)
