"""A small sealed organization with a row in every table whose rows are kept, for tests that tamper with it."""

from __future__ import annotations

from datetime import date
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from clauses import periods
from evidence.services import attach
from organizations.models import Membership, Organization, User
from organizations.roles import Role
from organizations.scope import in_organization
from registers.register import registry
from reviews.models import Told
from reviews.sign_off.services import withdraw
from risks.models import Acceptance
from tests.people import make_organization
from tests.support.factories import make, make_child, value_of
from tests.support.sign_off import confirmed, signed_off
from trail.models import AppendOnly, Link, record_event
from trail.sealing import seals
from trail.sealing.leaves import sources

#: When it was written, and when written to again.
WRITTEN, CHANGED = "2026-10-20T09:00:00Z", "2026-10-22T09:00:00Z"


def tracked() -> list[Any]:
    """Every model whose versions are kept."""
    return [source.follows for source in sources() if source.follows is not None]


def furnish() -> Organization:
    """Make the organization. Every table of versions, events, leaves and seals has a row of it, most have two."""
    with time_machine.travel(WRITTEN, tick=False) as clock:
        organization = make_organization("sealed", "Sealed Pumps")
        Organization.objects.create(slug="elsewhere", name="Elsewhere Valves")
        with in_organization(organization):
            director = _person(organization, Role.TOP_MANAGEMENT)
            _rows(director)
            seals.seal()
            clock.move_to(CHANGED)
            as_committed()
            _change_all()
            record_event("looked", "REQ-0001", why="to see")
            seals.seal(seals.Seal.Purpose.MAIL)
    return organization


def as_committed() -> None:
    """Let the next write have a date of its own, as behind a commit: all of it happens in one transaction here."""
    connection.run_on_commit.clear()


def _person(organization: Organization, role: Role) -> User:
    user = User.objects.create_user(f"{role.value}@sealed.example", "secret", name="Dora Director")
    Membership.objects.create(
        organization=organization, user=user, role=role, job_title="Director", valid_from=date(2020, 1, 1)
    )
    return user


def _rows(director: User) -> None:
    for register in registry:
        record = make(register.model)
        for child in register.children:
            if child.form:
                make_child(child, record)
    records = {register.slug: register.model.objects.order_by("pk").first() for register in registry}
    attach(records["actions"], SimpleUploadedFile("proof.txt", b"Proof"), by=director)
    signed = signed_off(director, periods.quarter_of(date(2026, 7, 1)))
    make(Told, sign_off=signed, on=date(2026, 10, 20), seal_size=signed.seal_size)
    withdraw(signed, reason="Seen again.", by=director, authentication=confirmed(director, minutes=0.5))
    make(Acceptance, risk=records["risks"], expires_on=date(2027, 1, 1), accepted_by=director)
    for model in tracked():
        _ensure(model)
    record_event("asked for a pack", "EP-0001")


def _ensure(model: Any) -> None:
    """Make a row where there is none, and first those it leads to, with what forms don't ask for."""
    if model is User or model.objects.exists():
        return
    wanted = [
        field
        for field in model._meta.concrete_fields
        if not (
            field.editable or field.primary_key or field.null or field.has_default() or field.name == "organization"
        )
        and not (getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))
    ]
    for field in wanted:
        if field.is_relation:
            _ensure(field.related_model)
    make(model, **{field.name: value_of(field, 1) for field in wanted})


def _change_all() -> None:
    for model in tracked():
        if not issubclass(model, AppendOnly | Link):
            row = model.objects.order_by("pk").first()
            row._change_reason = "Looked over"
            row.save()
