"""Every page of the product with an address that leads to real rows, for rules that hold on all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from audits.models import EvidenceRequest, Sample
from audits.services import ask_for_evidence, draw_sample
from clauses import periods
from evidence.models import Attachment
from evidence.services import attach
from imports.models import ImportJob
from organizations.models import Membership, Organization
from organizations.scope import in_organization
from packs.models import EvidencePack
from registers.custom_fields.models import CustomField
from registers.custom_fields.services import add_field
from registers.editing.models import BulkEdit
from registers.models import Record, SavedView
from registers.register import Register, registry
from requirements_registry.models import Requirement
from reviews.models import SignOff
from risks.models import RiskAssessment
from tests.people import People
from tests.support.factories import make, make_child
from tests.support.sign_off import signed_off
from trail.models import HeadRecipient

#: Pages whose record the address alone doesn't tell: the register it is in.
RECORD_OF = {
    "requirements_registry:acknowledge": "requirements",
    "risks:accept": "risks",
    "risks:no-risk": "requirements",
    "evidence:attach": "actions",
    "clauses:mend": "requirements",
}


@dataclass(frozen=True)
class Page:
    """One URL pattern below an organization."""

    name: str
    pattern: URLPattern
    arguments: tuple[str, ...]

    @property
    def register(self) -> Register | None:
        """The register it belongs to, where it belongs to one."""
        found: Register | None = getattr(self.pattern.callback, "view_initkwargs", {}).get("register")
        return found

    @property
    def kind(self) -> str:
        """What the page is among a register's pages (``*-list``); its own name where it is alone."""
        slug = self.register.slug if self.register else None
        return f"*{self.name.removeprefix(slug)}" if slug and self.name.startswith(f"{slug}-") else self.name


def patterns(resolver: Any = None, namespace: str = "", arguments: tuple[str, ...] = ()) -> Iterator[Page]:
    """Every URL pattern there is."""
    for pattern in (resolver or get_resolver()).url_patterns:
        names = (*arguments, *pattern.pattern.converters) if hasattr(pattern.pattern, "converters") else arguments
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace, names)
        else:
            yield Page(f"{namespace}{pattern.name or pattern.callback.__name__}", pattern, names)


def organization_pages() -> list[Page]:
    """The pages of an organization."""
    return [page for page in patterns() if "organization" in page.arguments]


@dataclass(frozen=True)
class House:
    """An organization with a row behind every page."""

    organization: Organization
    records: dict[str, Record]
    jobs: dict[str, ImportJob]
    bulk: dict[str, BulkEdit]
    views: dict[str, SavedView]
    pack: EvidencePack
    attachment: Attachment
    membership: Membership
    sign_off: SignOff
    head_recipient: HeadRecipient
    custom_field: CustomField
    sample: Sample
    request: EvidenceRequest

    def address(self, page: Page) -> str:
        """An address of the page. A new kind of page says here which row it is about."""
        slug = page.register.slug if page.register else RECORD_OF.get(page.name)
        known = {
            "organization": self.organization.slug,
            "register": "requirements",
            "code": "a1",
            "row": self.records["requirements"].reference,
            "format": "csv",
            "job": (self.bulk if page.kind.startswith("*-bulk") else self.jobs)[slug].pk if slug else None,
            "column": page.register.model.title_field if page.register else None,
            "view": self.views[slug].pk if slug else None,
            "reference": self.records[slug].reference if slug else self._without_register(page).reference,
            "pk": self._row_of(page).pk,
        }
        missing = set(page.arguments) - known.keys()
        assert not missing, f"{page.name} has the arguments {missing}: say in tests/rules/pages.py what they stand for."
        return reverse(page.name, kwargs={name: known[name] for name in page.arguments})

    def _row_of(self, page: Page) -> Any:
        """The row whose number stands in the address."""
        rows = {
            "evidence:attachment": self.attachment,
            "trail:end-heads": self.head_recipient,
            "custom-field-edit": self.custom_field,
            "custom-field-change": self.custom_field,
        }
        return rows.get(page.name, self.membership)

    def _without_register(self, page: Page) -> Any:
        route = str(page.pattern.pattern)
        begins = {"sign-offs": self.sign_off, "audit/samples": self.sample, "audit/requests": self.request}
        return next((row for start, row in begins.items() if route.startswith(start)), self.pack)


def furnish(organization: Organization, people: People) -> House:
    """Put a row behind every page of an organization."""
    with in_organization(organization):
        records = {register.slug: _record(register) for register in registry}
        for register in registry:
            for child in register.children:
                if child.form:
                    make_child(child, records[register.slug])
        make(
            RiskAssessment, risk=records["risks"], likelihood=5, consequence=5
        )  # the latest: above appetite, to be accepted
        jobs = {register.slug: _job(register) for register in registry}
        bulk = {register.slug: _bulk(register, people) for register in registry}
        views = {
            register.slug: SavedView.objects.create(
                register=register.slug, name="Everything", owner=people.quality_manager, is_shared=True
            )
            for register in registry
        }
        pack = EvidencePack.objects.create(
            period_from=date(2026, 7, 1),
            period_to=date(2026, 9, 30),
            as_of="2026-10-01T00:00:00Z",
            status="stored",
            digest="0" * 64,
            size=3,
        )
        default_storage.delete(pack.path)
        default_storage.save(pack.path, ContentFile(b"zip"))
        attachment = attach(records["actions"], SimpleUploadedFile("proof.txt", b"Proof"), by=people.quality_manager)
        membership = Membership.objects.get(organization=organization, user=people.expired_auditor)
        signed = signed_off(people.top_management, periods.quarter_of(organization.today()), interim=True)
        recipient = make(HeadRecipient, email="ida@certifiers.example")
        field = add_field(CustomField(register="issues", label="Drawing"), by=people.quality_manager)
        sample, asked = _sampled(records["requirements"], people)
    return House(
        organization, records, jobs, bulk, views, pack, attachment, membership, signed, recipient, field, sample, asked
    )


def _sampled(record: Record, people: People) -> tuple[Sample, EvidenceRequest]:
    """A sample with the record in it, and a question about that."""
    query, sample = f"q={record.reference}", Sample(purpose="Are they met?", size=1, seed="1")
    draw_sample(sample, register=registry["requirements"], query=query, by=people.auditor)
    asked = EvidenceRequest(subject=record.reference, text="Show the test report.")
    return sample, ask_for_evidence(asked, by=people.auditor)


def _record(register: Register) -> Record:
    """A record at which every page can be opened: a requirement is one to be acknowledged."""
    record: Record = (
        make(register.model, status="active", applicable="yes")
        if register.model is Requirement
        else make(register.model)
    )
    return record


def _job(register: Register) -> ImportJob:
    """An import that was given up, with a file of refused rows."""
    job = ImportJob.objects.create(
        register=register.slug,
        filename="rows.csv",
        path=f"imports/{register.slug}/rows.csv",
        size=1,
        sha256="0" * 64,
        status="cancelled",
    )
    default_storage.delete(job.refused_path)
    default_storage.save(job.refused_path, ContentFile(b"row;reason"))
    return job


def _bulk(register: Register, people: People) -> BulkEdit:
    """A change of many rows that was given up."""
    found: BulkEdit = BulkEdit.objects.create(
        register=register.slug, status="cancelled", requested_by=people.quality_manager
    )
    return found
