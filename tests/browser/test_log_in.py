"""Getting in and out: passwords, one-time codes, passkeys, invitations."""

from __future__ import annotations

import hashlib
import hmac
import re
import struct
import time
from base64 import b32decode

from playwright.sync_api import Page, expect

from tests.browser.axe import look_at
from tests.browser.conftest import Enter
from tests.browser.site import PASSWORD, Site
from tests.support.installation import wait_for


def one_time_code(secret: str, period: int = 30) -> str:
    """The code an authenticator app shows (RFC 6238, SHA-1, 6 digits), with some seconds of its period left to type it in."""
    if (left := period - time.time() % period) < 8:
        time.sleep(left)
    digest = hmac.digest(b32decode(secret), struct.pack(">Q", int(time.time()) // period), hashlib.sha1)
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def sign_out(page: Page) -> None:
    """Leave by the account menu."""
    page.locator(".cf-user summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator(".cf-user")).to_have_count(0)


def test_a_wrong_password_and_an_unknown_address_are_refused_in_the_same_words(enter: Enter, site: Site) -> None:
    page = enter()
    said = []
    for email in ("auditor@south.demo.example", "nobody@demo.example"):
        site.sign_in(page, email, "not the password")
        said.append(page.get_by_text("not correct").inner_text())
        assert page.get_by_label("Email").input_value() == email
        assert page.get_by_label("Password").input_value() == ""
    assert said[0] == said[1]


def test_an_empty_form_says_which_fields_are_needed(enter: Enter, site: Site) -> None:
    page = enter(java_script_enabled=False)
    page.goto(site.url("/accounts/login/"))
    page.get_by_role("button", name="Sign in", exact=True).click()
    # The browser refuses to send it: the fields are marked as needed.
    assert page.get_by_label("Email").get_attribute("required") is not None
    expect(page).to_have_url(site.url("/accounts/login/"))


def test_whoever_signed_out_sees_nothing_any_more_not_even_by_going_back(enter: Enter, site: Site) -> None:
    page = enter()
    site.sign_in(page, "auditor@south.demo.example")
    page.wait_for_url(site.url(organization="demo-south"))
    page.goto(site.url("requirements/", organization="demo-south"))
    sign_out(page)
    page.go_back()
    page.wait_for_load_state()
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto(site.url("requirements/", organization="demo-south"))
    expect(page.get_by_label("Password")).to_be_visible()


def confirm(page: Page, site: Site, path: str) -> None:
    """Open a page of the account's security, which asks for the password once more."""
    page.goto(site.url(path))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(site.url(path))


def test_a_one_time_code_is_set_up_and_asked_for_from_then_on(enter: Enter, site: Site) -> None:
    page = enter()
    site.sign_in(page, "owner@south.demo.example")
    page.wait_for_url(site.url(organization="demo-south"))
    confirm(page, site, "/accounts/2fa/totp/activate/")
    assert look_at(page, "mfa_activate_totp") == []
    page.get_by_label("Authenticator code").fill("000000")
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()

    secret = page.get_by_label("Authenticator secret").input_value()
    page.get_by_label("Authenticator code").fill(one_time_code(secret))
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_role("main")).to_contain_text("recovery codes", ignore_case=True)

    sign_out(page)
    site.sign_in(page, "owner@south.demo.example")
    expect(page.get_by_role("heading", name="Two-Factor Authentication")).to_be_visible()
    assert look_at(page, "mfa_authenticate") == []
    page.locator("input[name=code]").fill("000000")
    page.get_by_role("button", name="Sign In").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    page.locator("input[name=code]").fill(one_time_code(secret))
    page.get_by_role("button", name="Sign In").click()
    page.wait_for_url(site.url(organization="demo-south"))

    page.goto(site.url("/accounts/2fa/reauthenticate/"))
    assert look_at(page, "mfa_reauthenticate") == []
    confirm(page, site, "/accounts/2fa/recovery-codes/generate/")
    assert look_at(page, "mfa_generate_recovery_codes") == []
    page.goto(site.url("/accounts/2fa/totp/deactivate/"))
    assert look_at(page, "mfa_deactivate_totp") == []
    page.get_by_role("button", name="Deactivate").click()
    page.wait_for_url(site.url("/accounts/2fa/"))
    expect(page.get_by_role("main")).to_contain_text("not active")


def add_authenticator(page: Page) -> None:
    """Give the browser a security key that answers by itself."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": options | {"isUserVerified": True, "automaticPresenceSimulation": True}},
    )


def test_a_passkey_is_added_and_signs_in_without_a_password(enter: Enter, site: Site) -> None:
    page = enter()
    add_authenticator(page)
    site.sign_in(page, "director@south.demo.example")
    page.wait_for_url(site.url(organization="demo-south"))
    confirm(page, site, "/accounts/2fa/webauthn/add/")
    assert look_at(page, "mfa_add_webauthn") == []
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/accounts/2fa/**recovery-codes/**")
    assert look_at(page, "mfa_view_recovery_codes") == []
    page.goto(site.url("/accounts/2fa/webauthn/"))
    expect(page.get_by_role("main")).to_contain_text("Laptop")
    assert look_at(page, "mfa_list_webauthn") == []
    page.goto(site.url("/accounts/2fa/webauthn/keys/1/edit/"))
    assert look_at(page, "mfa_edit_webauthn") == []
    page.goto(site.url("/accounts/2fa/webauthn/keys/1/remove/"))
    assert look_at(page, "mfa_remove_webauthn") == []

    sign_out(page)
    page.goto(site.url("/accounts/login/"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(site.url(organization="demo-south"))
    expect(page.locator(".cf-user summary")).to_contain_text("Managing Director")


def test_a_forgotten_password_is_replaced_by_a_mailed_link(enter: Enter, site: Site) -> None:
    page = enter()
    page.goto(site.url("/accounts/login/"))
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email").fill("admin@south.demo.example")
    page.locator("form button[type=submit]").click()
    page.wait_for_url("**/password/reset/done/")
    mail = wait_for(
        lambda: next((text for text in site.mails() if "/password/reset/" in text), ""), "The mail's being sent"
    )
    link = re.search(rf"{site.address}/accounts/password/reset/\S+", mail)
    assert link, mail
    page.goto(link[0])
    assert look_at(page, "account_reset_password_from_key") == []
    for label in ("New Password", "New Password (again)"):
        page.get_by_label(f"{label}*", exact=True).fill("four other plain words")
    page.get_by_role("button", name="Change Password").click()
    page.wait_for_url("**/password/reset/key/done/")
    site.sign_in(page, "admin@south.demo.example", "four other plain words")
    page.wait_for_url("**/o/demo-south/**")


def test_an_invited_person_comes_in_by_the_mailed_link_once(enter: Enter, site: Site) -> None:
    page, host = enter(), enter("quality")
    host.goto(site.url("people/"))
    host.get_by_role("link", name="Invite a person").click()
    host.get_by_label("Mail address").fill("new.colleague@demo.example")
    host.get_by_label("Role").select_option(label="Contributor")
    host.get_by_label("Job title").fill("Head of service")
    host.get_by_role("button", name="Send the invitation").click()
    expect(host.locator(".cf-messages")).to_contain_text("new.colleague@demo.example")
    mail = wait_for(lambda: next((text for text in site.mails() if "invites you" in text), ""), "The mail's being sent")
    link = re.search(rf"{site.address}/invitations/\S+", mail)
    assert link, mail

    page.goto(link[0])
    assert look_at(page, "organizations:accept") == []
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("Password").fill("12345")
    page.locator("form button[type=submit]").last.click()
    expect(page.locator(".invalid-feedback").first).to_be_visible()
    page.get_by_label("Password").fill("four plain words together")
    page.locator("form button[type=submit]").last.click()
    page.wait_for_url(site.url())
    expect(page.locator(".cf-user summary")).to_contain_text("Nora New")

    late = enter()
    answer = late.goto(link[0])
    assert answer is not None
    assert answer.status == 404
