"""The demonstration: two organizations, their people, and everything in their registers."""

from __future__ import annotations

import random
from datetime import timedelta

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from customerfocus.demonstration import sub_clause_a, sub_clause_b, sub_clause_c
from customerfocus.demonstration.audit import audit
from customerfocus.demonstration.factory import People, Workshop
from customerfocus.demonstration.sign_off import change_behind_it, sign_last_quarter
from evidence.services import attach
from organizations.models import Membership, Organization, Site, Targets, User
from organizations.roles import Role
from organizations.scope import Scoped, in_organization
from requirements_registry.models import ConformityCheck
from risks.models.scale import ensure_scale
from trail.actor import acting
from trail.history import refresh_statistics

PASSWORD = "demo"
#: Address before the @, name, role, job title.
CAST = (
    ("quality", "Quality Manager", Role.QUALITY_MANAGER, "Quality manager"),
    ("owner", "Process Owner", Role.CONTRIBUTOR, "Head of production"),
    ("director", "Managing Director", Role.TOP_MANAGEMENT, "Managing director"),
    ("auditor", "Visiting Auditor", Role.AUDITOR, "Lead auditor"),
    ("admin", "Administrator", Role.ADMINISTRATOR, "Information technology"),
)


def build(rows: int, seed: int) -> Organization:
    """Make the demonstration organization and its neighbour.

    In the first, top management has signed the last quarter off.

    Args:
        rows: requirements in the first organization; everything else grows along.
        seed: the same seed gives the same rows, on the same day.
    """
    with transaction.atomic():
        organization, people = _organization("demo", "Demo Pumps", "demo.example", rows, seed)
        _organization("demo-south", "Demo Pumps South", "south.demo.example", min(rows, 30), seed + 1)
    with in_organization(organization):
        sign_last_quarter(people.director, people.owner)
        change_behind_it(people.quality)
    return organization


def _organization(slug: str, name: str, domain: str, rows: int, seed: int) -> tuple[Organization, People]:
    organization = Organization.objects.create(
        slug=slug,
        name=name,
        time_zone="Europe/Berlin",
        scope_statement="Design, production, sale and service of centrifugal pumps for water, food and process industry, at both sites.",
    )
    people = _people(organization, domain)
    with in_organization(organization), acting(people.quality):
        today = organization.today()
        Targets.objects.create(effective_from=today - timedelta(days=1500))
        ensure_scale(today - timedelta(days=1500))
        for code, site in (("MAIN", "Main works"), ("TEST", "Test field")):
            Site.objects.create(code=code, name=site)
        _registers(Workshop(organization, people, today, rows, random.Random(seed)))
        refresh_statistics(model for model in apps.get_models() if issubclass(model, Scoped))
    return organization, people


def _people(organization: Organization, domain: str) -> People:
    users = {}
    today = organization.today()
    for local, name, role, title in CAST:
        user = User.objects.create_user(f"{local}@{domain}", PASSWORD, name=name)
        until = today + timedelta(days=60) if role == Role.AUDITOR else None
        Membership.objects.create(
            organization=organization,
            user=user,
            role=role,
            job_title=title,
            valid_from=today - timedelta(days=900),
            valid_until=until,
        )
        users[local] = user
    return People(**users)


def _registers(shop: Workshop) -> None:
    known = sub_clause_a.parties(shop)
    requirements = sub_clause_a.requirements(shop, known)
    sub_clause_a.understanding(shop, requirements)
    checks = sub_clause_a.checks(shop, requirements)
    sub_clause_a.legal_watch(shop, requirements)
    sub_clause_b.issues(shop)
    risks = sub_clause_b.risks(shop, requirements)
    sub_clause_b.opportunities(shop, requirements)
    sub_clause_b.suppliers(shop, known)
    sub_clause_b.actions(shop, risks, checks)
    sub_clause_c.methods(shop)
    sub_clause_c.items(shop, known)
    sub_clause_c.complaints(shop, known)
    sub_clause_c.enhancements(shop, known)
    _evidence_files(shop, checks)
    audit(shop)


def _evidence_files(shop: Workshop, checks: list[ConformityCheck]) -> None:
    """Attach a test record to some checks."""
    for check in checks[:: max(1, len(checks) // 12)][:12]:
        text = f"Test record of {check.reference}\nday {check.checked_on}\nmethod {check.method}\nmeasured {check.measured}\nresult {check.get_result_display()}\n"
        attach(check, SimpleUploadedFile(f"test-record-{check.reference}.txt", text.encode()), by=shop.people.owner)
