"""An auditor draws a sample, follows a row, notes and asks; the quality manager answers; the auditor takes a pack home and checks it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.site import Site, shoot
from tests.browser.test_packs import BUILT, verify


def test_an_auditor_samples_follows_notes_asks_and_checks_what_they_take_home(
    enter: Enter, site: Site, tmp_path: Path
) -> None:
    auditor, manager = enter("auditor"), enter("quality")
    auditor.goto(site.url("requirements/?kind=customer"))
    auditor.get_by_role("link", name="Draw a sample").click()
    auditor.get_by_label("Purpose").fill("Are customers' requirements met?")
    auditor.get_by_label("Size").fill("3")
    auditor.get_by_label("Seed").fill("nobody-knows-this")
    auditor.get_by_role("button", name="Draw", exact=True).click()
    expect(auditor.locator("tbody tr")).to_have_count(3)
    shoot(auditor, "sample")

    auditor.locator("tbody th a").first.click()
    expect(auditor.get_by_role("heading", name="Acknowledgement")).to_be_visible()
    shoot(auditor, "trace", full_page=True)
    auditor.get_by_label("Finding").select_option("observation")
    auditor.get_by_label("What you saw").fill("The criterion names no method.")
    auditor.get_by_role("button", name="Note it").click()
    auditor.get_by_label("What you want to see").fill("Show how it is measured.")
    auditor.get_by_role("button", name="Ask the quality manager").click()
    asked = auditor.get_by_role("link", name="Show how it is measured.")
    expect(asked).to_be_visible()

    manager.goto(site.url("packs/new/"))
    manager.get_by_role("button", name="Build").click()
    manager.wait_for_url("**/packs/EP-*/")
    pack = manager.url
    manager.get_by_role("link", name="Requests for evidence").click()
    manager.get_by_role("row", name="Show how it is measured.").get_by_role("link").click()
    manager.get_by_label("Text").fill("With the gauge of the test field; the record is attached.")
    record = {"name": "gauge.txt", "mimeType": "text/plain", "buffer": b"Gauge 12, calibrated"}
    manager.get_by_label("New file").set_input_files(record)  # type: ignore[arg-type]
    manager.get_by_role("button", name="Send the answer").click()

    asked.click()
    expect(auditor.get_by_role("link", name="gauge.txt")).to_be_visible()
    auditor.get_by_role("button", name="Accept").click()
    expect(auditor.locator(".cf-over")).to_contain_text("Accepted")

    auditor.goto(pack)
    done = auditor.get_by_role("link", name="Download,")
    expect(done).to_be_visible(timeout=BUILT)
    with auditor.expect_download() as download:
        done.click()
    archive = tmp_path / download.value.suggested_filename
    download.value.save_as(archive)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    checked = verify(tmp_path / archive.stem)
    assert checked.returncode == 0, checked.stdout
    drawn = "\n".join(path.read_text() for path in (tmp_path / archive.stem / "data/samples").iterdir())
    assert "nobody-knows-this" in drawn
