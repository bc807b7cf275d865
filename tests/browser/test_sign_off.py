"""The director signs a quarter on a phone with a passkey, and sees what changes behind the signature."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.axe import look_at
from tests.browser.conftest import Enter
from tests.browser.site import PHONE, Site
from tests.browser.test_log_in import add_authenticator, confirm, sign_out

SOUTH = "demo-south"
ACTION = "Ask the adviser about the two open laws"
#: Run inside the installation: somebody of top management who is nobody else's in these tests, for a passkey changes signing in.
CHAIR = """
from organizations.models import Membership, Organization, User

organization = Organization.objects.get(slug="demo-south")
user = User.objects.create_user("chair@south.demo.example", "demo", name="Carla Chair")
Membership(organization=organization, user=user, role="top_management", job_title="Chair", valid_from=organization.today()).save()
print("{}")
"""


def come_in_by_passkey(page: Page, site: Site) -> None:
    """Make the phone a passkey, and sign in with it: no password was given for long."""
    add_authenticator(page)
    confirm(page, site, "/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("Phone")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/accounts/2fa/**recovery-codes/**")
    sign_out(page)
    page.goto(site.url("/accounts/login/"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(site.url(organization=SOUTH))


def decide(page: Page) -> None:
    """Decide on each open gap, the first by an action; conclude on each part."""
    gaps = page.locator(".cf-doc-gap")
    for at in range(gaps.count()):
        gap = gaps.nth(at)
        # What a law asks can't be accepted.
        treated = not at or not gap.get_by_role("radio", name="Accept until").count()
        gap.get_by_role("radio", name="New action" if treated else "Accept until").check()
        if treated:
            gap.get_by_label("What is to be done").fill(ACTION if not at else "Put it right")
            gap.get_by_label("By whom").select_option(label="Process Owner")
            gap.get_by_label("Until when").fill("2030-01-31")
        else:
            gap.get_by_label("Why", exact=True).fill("Known, small, and worked on.")
            gap.get_by_label("Until", exact=True).fill("2030-01-31")
    for letter in "abc":
        page.get_by_role("group", name=f"Conclusion on {letter}").get_by_role(
            "radio", name="Adequate", exact=True
        ).check()


def test_the_director_signs_on_a_phone_with_a_passkey_and_sees_what_changes_behind_it(enter: Enter, site: Site) -> None:
    page = enter(viewport=PHONE)
    site.home.run(CHAIR)
    site.sign_in(page, "chair@south.demo.example")
    page.wait_for_url(site.url(organization=SOUTH))
    come_in_by_passkey(page, site)
    page.goto(site.url("sign-offs/", organization=SOUTH))
    page.get_by_role("link", name="Sign off").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sign-off")

    decide(page)
    page.get_by_role("button", name="Confirm with passkey and sign").click()
    page.wait_for_url("**/webauthn/reauthenticate/**")
    assert look_at(page, "mfa_reauthenticate_webauthn") == []
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url("**/sign-offs/**")
    expect(page.get_by_text("You confirmed that it is you by passkey")).to_be_visible()
    expect(page.locator(".cf-doc-gap").first.get_by_label("What is to be done")).to_have_value(ACTION)
    page.get_by_role("button", name="Sign", exact=True).click()
    page.wait_for_url("**/sign-offs/SO-*/")
    expect(page.get_by_text("Nothing has changed since it was signed.")).to_be_visible()
    expect(page.locator(".cf-doc-signed")).to_contain_text("Carla Chair")
    expect(page.locator(".cf-doc-signed")).to_contain_text("confirmed by passkey")
    assert look_at(page, "reviews:sign-off just signed") == []
    signed = page.url

    other = enter("quality@south.demo.example")
    other.goto(site.url("requirements/", organization=SOUTH))
    other.locator("#rows tbody a").first.click()
    other.get_by_role("link", name="Edit").click()
    other.get_by_label("Acceptance criterion").fill("Measured at the customer's site")
    other.get_by_label("Reason for the change").fill("Agreed with the customer")
    other.get_by_role("button", name="Save").click()
    expect(other.locator(".cf-messages")).to_be_visible()

    page.goto(signed)
    expect(page.get_by_text(re.compile(r"changes in 1 row since"))).to_be_visible()
    expect(page.locator("#changes ~ .cf-doc-changed")).to_contain_text("Measured at the customer's site")
