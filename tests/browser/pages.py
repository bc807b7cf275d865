"""Every kind of page, so that each is looked at in a browser. A rule test holds this list against the addresses there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registers.register import Register, registry


@dataclass(frozen=True)
class Place:
    """A page to look at."""

    #: URL name.
    name: str
    #: Path below the organization's, or below the site's where it begins with a slash; names in braces come from ``THINGS``.
    path: str
    #: Who looks; nobody for pages of people who haven't signed in.
    person: str = "quality"
    status: int = 200
    #: Which state of the page, where it has several.
    state: str = ""
    organization: str = "demo"

    def __str__(self) -> str:
        return f"{self.name} {self.state}".strip()


PLACES = (
    Place("organizations:home", "/", "both@demo.example", state="a choice"),
    Place("organizations:home", "/", "nowhere@demo.example", state="no organization"),
    Place("clauses:overview", ""),
    Place("actions-import-undo", "actions/import/{done}/undo/"),
    Place("actions-view-save", "actions/views/new/?status=planned&sort=due_on"),
    Place("actions-cell", "actions/{actions}/cell/title/"),
    Place(
        "actions-list",
        "actions/?columns=title,status,owner,due_on,waiting_days&sort=-due_on,title&group=status&total=sum",
        state="arranged",
    ),
    Place("actions-menus", "actions/menus/?status=planned&owner=0&sort=title&group=owner", state="arranged"),
    Place("actions-import-job", "actions/import/{done}/", state="imported"),
    Place("clauses:overview", "", "director", state="director"),
    Place("clauses:overview", "", "admin", status=403, state="not allowed"),
    Place("clauses:overview", "", "quality@south.demo.example", status=404, state="not found"),
    Place("clauses:overview", "", "quality@empty.example", state="nothing recorded", organization="empty"),
    Place("clauses:overview", "/as-of/{moment}/o/demo/", state="as of a moment"),
    Place("requirements-list", "/as-of/{moment}/o/demo/requirements/", state="as of a moment"),
    Place("requirements-create", "/as-of/{moment}/o/demo/requirements/new/", status=403, state="as of a moment"),
    Place("issues-detail", "/as-of/{moment}/o/demo/issues/{later}/", status=404, state="not there yet"),
    Place("requirements-list", "/as-of/2100-01-01/o/demo/requirements/", status=404, state="as of the future"),
    Place("feedback:satisfaction", "satisfaction/"),
    Place(
        "feedback:satisfaction",
        "satisfaction/",
        "quality@empty.example",
        state="nothing recorded",
        organization="empty",
    ),
    Place("risks:heat-map", "heat-map/"),
    Place("risks:opportunity-map", "heat-map/opportunities/"),
    Place("risks:scale", "scale/", "admin"),
    Place("risks:new-scale", "scale/new/", "admin"),
    Place("risks:accept", "risks/{above_appetite}/accept/", "director"),
    Place("risks:no-risk", "requirements/{requirements}/no-significant-risk/"),
    Place("requirements_registry:acknowledge", "requirements/{requirements}/acknowledge/"),
    Place("packs:list", "packs/"),
    Place("packs:list", "packs/", "quality@empty.example", state="none yet", organization="empty"),
    Place("packs:request", "packs/new/"),
    Place("reviews:trail", "trail/"),
    Place("reviews:trail", "trail/?reference=NONE-1", "auditor", state="nothing found"),
    Place("reviews:sign-offs", "sign-offs/"),
    Place("reviews:sign-offs", "sign-offs/", "quality@empty.example", state="none yet", organization="empty"),
    Place("reviews:sign", "sign-offs/new/?period={period}", "director"),
    Place("reviews:decide", "gaps/{gap}/decide/", "director"),
    Place("reviews:sign-off", "sign-offs/{sign_off}/"),
    Place("reviews:withdraw", "sign-offs/{sign_off}/withdraw/", "director"),
    Place("audits:samples", "audit/samples/", "auditor"),
    Place("audits:samples", "audit/samples/", "quality@empty.example", state="none yet", organization="empty"),
    Place("audits:sample-draw", "audit/samples/new/requirements/?of=kind%3Dcustomer", "auditor"),
    Place("audits:sample", "audit/samples/{sample}/", "auditor"),
    Place("audits:trace", "audit/samples/{sample}/{sampled}/", "auditor"),
    Place("audits:requests", "audit/requests/"),
    Place("audits:requests", "audit/requests/", "quality@empty.example", state="nothing asked", organization="empty"),
    Place("audits:request", "audit/requests/{request}/"),
    Place("audits:request", "audit/requests/{answered}/", "auditor", state="answered"),
    Place("organizations:members", "people/"),
    Place("organizations:members", "people/", "admin", state="administrator"),
    Place("organizations:invite", "people/invite/"),
    Place("organizations:end-membership", "people/{membership}/end/"),
    Place("mentions", "mentions/"),
    Place("mentions", "mentions/", "auditor", state="none yet"),
    Place("import-files", "import/"),
    Place("import-files", "import/", "quality@empty.example", state="none yet", organization="empty"),
    Place("known-names", "people/names/"),
    Place("known-names", "people/names/", "quality@empty.example", state="none yet", organization="empty"),
    Place("custom-fields", "fields/"),
    Place("custom-fields", "fields/", "quality@empty.example", state="none yet", organization="empty"),
    Place("custom-field-new", "fields/requirements/new/", "admin"),
    Place("custom-field-edit", "fields/{custom_field}/edit/"),
    Place("organizations:settings", "settings/", "admin"),
    Place("organizations:targets", "settings/targets/", "admin"),
    Place("trail:heads", "settings/heads/", "admin"),
    Place("trail:heads", "settings/heads/", "quality@empty.example", state="nobody yet", organization="empty"),
    Place("requirements-list", "requirements/?q=zzzz", state="no row fits"),
    Place("requirements-list", "requirements/?kind=customer&sort=-title&page=last", state="filtered and sorted"),
    Place("requirements-list", "requirements/?assertion=a8", state="exceptions of a statement"),
    Place("requirements-list", "requirements/?assertion=a4&mend={undecided}", state="a row of a gap being mended"),
    Place(
        "requirements-list", "requirements/", "quality@empty.example", state="nothing recorded", organization="empty"
    ),
    Place("requirements-detail", "requirements/{requirements}/", "auditor", state="auditor"),
    Place("account_login", "/accounts/login/", ""),
    Place("account_signup", "/accounts/signup/", ""),
    Place("account_inactive", "/accounts/inactive/", ""),
    Place("account_email_verification_sent", "/accounts/confirm-email/", ""),
    Place("account_confirm_email", "/accounts/confirm-email/out-of-date/", ""),
    Place("account_reset_password", "/accounts/password/reset/", ""),
    Place("account_reset_password_done", "/accounts/password/reset/done/", ""),
    Place("account_reset_password_from_key_done", "/accounts/password/reset/key/done/", ""),
    Place("account_logout", "/accounts/logout/", "auditor"),
    Place("account_reauthenticate", "/accounts/reauthenticate/", "auditor"),
    Place("account_email", "/accounts/email/", "auditor"),
    Place("account_change_password", "/accounts/password/change/", "auditor"),
    Place("mfa_index", "/accounts/2fa/", "auditor"),
    Place("usersessions_list", "/accounts/sessions/", "auditor"),
)

#: Pages that exist in the middle of a journey only → the test that looks at them there.
ON_A_JOURNEY = {
    "packs:pack": "test_packs.test_a_pack_is_built_downloaded_and_found_out_when_a_byte_is_changed",
    "organizations:accept": "test_log_in.test_an_invited_person_comes_in_by_the_mailed_link_once",
    "account_reset_password_from_key": "test_log_in.test_a_forgotten_password_is_replaced_by_a_mailed_link",
    "mfa_activate_totp": "test_log_in.test_a_one_time_code_is_set_up_and_asked_for_from_then_on",
    "mfa_authenticate": "test_log_in.test_a_one_time_code_is_set_up_and_asked_for_from_then_on",
    "mfa_reauthenticate": "test_log_in.test_a_one_time_code_is_set_up_and_asked_for_from_then_on",
    "mfa_deactivate_totp": "test_log_in.test_a_one_time_code_is_set_up_and_asked_for_from_then_on",
    "mfa_generate_recovery_codes": "test_log_in.test_a_one_time_code_is_set_up_and_asked_for_from_then_on",
    "mfa_view_recovery_codes": "test_log_in.test_a_passkey_is_added_and_signs_in_without_a_password",
    "mfa_add_webauthn": "test_log_in.test_a_passkey_is_added_and_signs_in_without_a_password",
    "mfa_list_webauthn": "test_log_in.test_a_passkey_is_added_and_signs_in_without_a_password",
    "mfa_edit_webauthn": "test_log_in.test_a_passkey_is_added_and_signs_in_without_a_password",
    "mfa_remove_webauthn": "test_log_in.test_a_passkey_is_added_and_signs_in_without_a_password",
}

#: Addresses that are no pages, and why. A name that begins with a dash stands for every register's.
NO_PAGES = {
    "": "health checks, for machines",
    "as-of": "leads to another page's past",
    "clauses:mend": "leads to the list, opened at the row; its form is looked at there",
    "packs:download": "a file",
    "packs:cancel": "takes POST only",
    "packs:retry": "takes POST only",
    "evidence:attach": "takes POST only",
    "audits:note": "takes POST only",
    "audits:ask": "takes POST only",
    "audits:answer": "takes POST only",
    "audits:verdict": "takes POST only",
    "reviews:sign-off-pdf": "a file",
    "evidence:attachment": "a file",
    "trail:end-heads": "takes POST only",
    "custom-field-change": "takes POST only",
    "mfa_download_recovery_codes": "a file",
    "mfa_login_webauthn": "JSON for the passkey's script",
    "mfa_reauthenticate_webauthn": "JSON for the passkey's script",
    "account_set_password": "for people without a password, whom there are none of: it leads to changing it",
    "account_confirm_login_code": "signing in by a mailed code is off: it leads to the sign-in page",
    "-export": "a file",
    "-suggest": "a part of a form",
    "-tags": "a part of a form",
    "-comment": "is on the record's page; alone it looks like any form",
    "-import-template": "a file",
    "-import-refused": "a file",
    "-import-mapping": "a file",
    "-cells": "takes POST only; without, it leads to the list",
    "-bulk": "takes POST only; without, it leads to the list",
    "-view": "looks like the page that saves a view",
    "-bulk-job": "looked at on the journey through test_lists.py",
}

#: Pages of every register that are alike in all: looked at for one. Names without the register's.
LOOKED_AT_ONCE = ("-import-undo", "-menus", "-view-save", "-cell")


def places_of(register: Register) -> Iterator[Place]:
    """The pages every register has, and those for adding rows to its records."""
    slug = register.slug
    paths = {
        "list": "",
        "create": "new/",
        "import": "import/",
        "import-job": f"import/{{{slug}-import}}/",
    }
    of_a_record = {
        "detail": "",
        "edit": "edit/",
        "history": "history/",
        "comments": "comments/",
        "watch": "watch/",
        "archive": "archive/",
    }
    of_a_record |= {f"{child.name}-add": f"{child.name}/new/" for child in register.children if child.form is not None}
    for page, path in paths.items():
        yield Place(f"{slug}-{page}", f"{slug}/{path}")
    for page, path in of_a_record.items():
        yield Place(f"{slug}-{page}", f"{slug}/{{{slug}}}/{path}")
    archived = f"{slug}/{{{slug}-archived}}/"
    yield Place(f"{slug}-detail", archived, "quality@south.demo.example", state="archived", organization="demo-south")
    yield Place(f"{slug}-restore", f"{archived}restore/", "quality@south.demo.example", organization="demo-south")


def all_places() -> list[Place]:
    """Every page of the list."""
    return [*PLACES, *(place for register in registry for place in places_of(register))]


#: Run inside the installation: makes what the pages above need, and prints the references to fill in.
THINGS = """
import json
from django.core.files.base import ContentFile
from clauses import periods
from clauses.assertion import assertions
from clauses.evaluation import ask, evaluate
from audits.models import EvidenceRequest, SampledRow
from organizations import clock
from organizations.models import Membership, Organization, User
from organizations.scope import current_organization, in_organization
from organizations.services import create_organization
from registers.custom_fields.models import CustomField
from registers.custom_fields.services import add_field, retire_field, with_choices
from imports import services as importing
from imports.mapping import ImportMapping
from registers.register import registry
from registers.services import archive
from comments.services import comment
from trail.time_travel.moments import written
from reviews.models import SignOff
from risks.models import Risk
from trail.models import HeadRecipient

user = User.objects.get(email="quality@demo.example")
both, nowhere, empty = (User.objects.create_user(f"{name}.example", "demo", name=name) for name in ("both@demo", "nowhere@demo", "quality@empty"))
for slug in ("demo", "demo-south"):
    organization = Organization.objects.get(slug=slug)
    Membership.objects.create(organization=organization, user=both, role="contributor", valid_from=organization.today())
create_organization("empty", "Empty Vessels", administrator=empty)
things = {"membership": Membership.objects.get(organization__slug="demo", user__email="owner@demo.example").pk}
with in_organization(Organization.objects.get(slug="demo")):
    things["period"] = periods.code(periods.quarter_of(current_organization().today()))
    things["sign_off"] = SignOff.objects.get().reference
    HeadRecipient.objects.create(name="Ida Auditor, Certifiers Ltd", email="ida@certifiers.example")
    for kind, label in CustomField.Kind.choices:
        choices = with_choices([], ["Low", "Middling", "High"]) if kind == "choice" else []
        add_field(CustomField(register="issues", label=f"Our {label.lower()}", kind=kind, choices=choices), by=user)
    retire_field(add_field(CustomField(register="issues", label="Drawing"), by=user), by=user)
    things["custom_field"] = CustomField.objects.get(kind="choice").pk
    for text in ("@Quality Manager, is it still true?\\nThe auditor asked.", "Yes."):
        comment(registry["issues"].model.objects.current().order_by("pk").first(), text, by=User.objects.get(email="owner@demo.example"))
    things["moment"] = written(clock.now())
    later = registry["issues"].model.objects.first()
    later.pk, later.reference, later.external_id, later._state.adding = None, "", "", True
    later.save()
    things["later"] = later.reference
    row = SampledRow.objects.order_by("position").first()
    things |= {"sample": row.sample.reference, "sampled": row.reference}
    things |= {key: EvidenceRequest.objects.filter(status=status).first().reference for key, status in (("request", "open"), ("answered", "answered"))}
    question = ask(periods.quarter_of(current_organization().today()))
    things["gap"] = next(each.code for each in evaluate(question).outcomes if each.result == "gap")
    things["undecided"] = assertions["a4"].failing(question).first().reference
    things["above_appetite"] = Risk.objects.current().order_by("-score").first().reference
    for register in registry:
        things[register.slug] = register.model.objects.current().order_by("pk").first().reference
        job = importing.upload(register, ContentFile(b"Number;Something\\n1;x\\n", name="table.csv"), ImportMapping(), by=user)
        importing.process(job)
        things[f"{register.slug}-import"] = job.pk
    done = importing.upload(registry["actions"], ContentFile(b"Id,Action\\nU1,Calibrate\\n", name="plan.csv"), ImportMapping(), by=user)
    importing.process(done)
    importing.process(importing.ask_to_import(done, skip_invalid=False, by=done.requested_by))
    things["done"] = done.pk
with in_organization(Organization.objects.get(slug="demo-south")):
    for register in registry:
        row = register.model.objects.current().order_by("pk").last()
        things[f"{register.slug}-archived"] = archive(row, by=user, reason="Recorded twice").reference
print(json.dumps(things))
"""


def fill_in(path: str, things: dict[str, Any]) -> str:
    """A place's path with the references it asks for."""
    return path.format_map(things)
