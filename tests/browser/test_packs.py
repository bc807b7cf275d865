"""An evidence pack is asked for, watched while the worker builds it, taken home and checked there."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.axe import look_at
from tests.browser.conftest import Enter
from tests.browser.site import LAPTOP, Site, shoot

#: Milliseconds a worker may take for a pack.
BUILT = 90_000
STEPS = ["Collect", "Typeset", "Seal", "Store"]


def verify(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the pack's own program, as whoever gets the pack does, with nothing installed."""
    return subprocess.run(
        [sys.executable, "-I", "data/verify.py", "."], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_pack_is_built_downloaded_and_found_out_when_a_byte_is_changed(
    enter: Enter, site: Site, tmp_path: Path
) -> None:
    page = enter("quality")
    page.goto(site.url())
    page.get_by_role("link", name="Build evidence pack").click()
    expect(page.get_by_role("heading", name="What will be in it")).to_be_visible()
    page.get_by_role("button", name="Build").click()
    page.wait_for_url("**/packs/EP-*/")
    seen = set()
    done = page.get_by_role("link", name="Download,")
    while not done.is_visible():
        seen.add(page.locator("#progress-title").inner_text().split(",")[0])
        page.wait_for_timeout(150)
    assert len(seen) > 1, f"The page said only {seen} while the pack was built."
    assert look_at(page, "packs:pack") == []
    page.set_viewport_size(LAPTOP)
    page.emulate_media(color_scheme="light")
    shoot(page, "pack")
    digest = page.locator(".cf-digest code").inner_text()
    with page.expect_download() as download:
        done.click()
    archive = tmp_path / download.value.suggested_filename
    download.value.save_as(archive)

    said = subprocess.run(["sha256sum", str(archive)], capture_output=True, text=True, check=True).stdout
    assert said.split()[0] == digest
    with zipfile.ZipFile(archive) as pack:
        pack.extractall(tmp_path)
    folder = tmp_path / archive.stem
    assert verify(folder).returncode == 0, verify(folder).stdout

    changed = next((folder / "data").rglob("actions.jsonl"))
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.write_bytes(content)
    checked = verify(folder)
    assert checked.returncode == 1
    assert "actions.jsonl" in checked.stdout + checked.stderr


def test_an_auditor_finds_the_pack_and_may_download_it_but_not_build_one(enter: Enter, site: Site) -> None:
    page = enter("auditor")
    page.goto(site.url("packs/"))
    expect(page.get_by_role("link", name="Build evidence pack")).to_have_count(0)
    answer = page.goto(site.url("packs/new/"))
    assert answer is not None
    assert answer.status == 403


def test_a_period_that_ends_before_it_begins_is_refused_at_its_field(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("packs/new/"))
    page.get_by_label("From").fill("2026-09-30")
    page.get_by_label("To*", exact=True).fill("2026-07-01")
    page.get_by_role("button", name="Build").click()
    expect(page.locator(".invalid-feedback")).to_contain_text("The period ends before it begins.")


def test_a_pack_is_given_up_while_it_waits(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("packs/new/"))
    page.get_by_role("button", name="Build").click()
    page.wait_for_url("**/packs/EP-*/")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#progress-title")).to_contain_text("ancel")
    expect(page.get_by_role("link", name="Download,")).to_have_count(0)
