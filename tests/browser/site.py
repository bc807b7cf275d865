"""The site that the browser tests visit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize

from tests.support.installation import PROJECT, Installation

#: Screenshots and what else a person may want to look at after a run; not kept in the repository.
ARTEFACTS = PROJECT / "test-artefacts"
PASSWORD = "demo"
PHONE = ViewportSize(width=390, height=844)
LAPTOP = ViewportSize(width=1440, height=900)


@dataclass
class Site:
    """A running installation with the demonstration organization."""

    address: str
    home: Installation
    #: Cookies of people who have signed in once, by address.
    signed_in: dict[str, Any] = field(default_factory=dict)

    def url(self, path: str = "", organization: str = "demo") -> str:
        """The address of a page: of an organization's, or of the site's where the path begins with a slash."""
        return f"{self.address}{path}" if path.startswith("/") else f"{self.address}/o/{organization}/{path}"

    def mails(self) -> list[str]:
        """The mails that were sent, oldest first."""
        files = sorted((self.home.folder / "mail").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        return [str(message_from_bytes(path.read_bytes(), policy=default).get_content()) for path in files]

    def sign_in(self, page: Page, email: str, password: str = PASSWORD) -> None:
        """Fill in the form of the page that asks who one is."""
        page.goto(self.url("/accounts/login/"))
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()

    def cookies_of(self, browser: Browser, email: str) -> Any:
        """The cookies of a person, who signs in where they haven't yet."""
        if email not in self.signed_in:
            with browser.new_context() as context:
                page = context.new_page()
                self.sign_in(page, email)
                page.wait_for_url(lambda url: "/accounts/login/" not in url)
                self.signed_in[email] = context.storage_state()
        return self.signed_in[email]


@contextmanager
def running_site(migrated: Path, folder: Path) -> Iterator[Site]:
    """The demonstration behind a real web server, as it is served to customers (``DEBUG`` off), with a real worker."""
    home = Installation(shutil.copytree(migrated, folder, dirs_exist_ok=True))
    collect_static_files(home)
    home.manage("demo")
    mail = folder / "mail"
    mail.mkdir()
    served = {"DEBUG": "0", "EMAIL_URL": f"filemail:///{mail}", "JOB_LEASE_SECONDS": "60"}
    with home.web(**served) as address, home.worker(BASE_URL=address, **served):
        yield Site(address, home)


def collect_static_files(home: Installation) -> None:
    """Collect the static files where a source is newer than what ``make setup`` collected."""
    collected = PROJECT / "staticfiles" / "staticfiles.json"
    sources = [path for path in (PROJECT / "static").rglob("*") if path.is_file()]
    if not collected.exists() or any(path.stat().st_mtime > collected.stat().st_mtime for path in sources):
        home.manage("collectstatic", "--noinput", "-v", "0")


def shoot(page: Page, name: str, **options: Any) -> None:
    """Keep a picture of a page for people to look at."""
    ARTEFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name}.png", **options)
