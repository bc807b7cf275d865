"""Around a record: comments, mentions, watching, files that are dropped and pasted."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.site import Site

#: Does what a person does who drops files on the page, or pastes one.
DROP = """files => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  for (const type of ["dragenter", "drop"])
    document.querySelector("#attachments").dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
PASTE = """() => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10])], "image.png", { type: "image/png" }));
  document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_people_talk_about_a_record_and_drop_files_on_it(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("issues/CIS-0003/"))
    page.get_by_role("button", name="Stop watching").click()
    expect(page.locator(".cf-messages")).to_contain_text("no more mails")
    page.get_by_role("textbox", name="Comment").fill("@Process Owner <b>please</b> look\nat the drawing")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".cf-timeline").first).to_contain_text("@Process Owner <b>please</b> look")
    drop_and_paste(page)

    owner = enter("owner")
    owner.goto(site.url("requirements/"))
    owner.get_by_role("link", name="Mentions 1").click()
    owner.get_by_role("link", name="CIS-0003").click()
    expect(owner.locator(".cf-timeline")).to_contain_text("at the drawing")
    expect(owner.get_by_role("link", name="Mentions", exact=True)).to_be_attached()


def drop_and_paste(page: Page) -> None:
    """What is taken is listed at once; what isn't stays with the server's reason."""
    page.evaluate(DROP, [["first.txt", "One"], ["program.exe", "MZ\u0000"], ["second.txt", "Two"]])
    expect(page.locator(".cf-files")).to_contain_text("second.txt")
    expect(page.locator(".cf-files")).to_contain_text("first.txt")
    expect(page.locator(".cf-uploads")).to_contain_text("program.exe")
    expect(page.locator(".cf-uploads")).to_contain_text("This kind of file isn't taken.")
    page.evaluate(PASTE)
    expect(page.locator(".cf-files")).to_contain_text("pasted-")
    expect(page.locator(".cf-uploads li")).to_have_count(0)
