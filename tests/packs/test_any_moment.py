"""Whatever was done when: as of every moment, all that can be said is what was said at that moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clauses.assertion import Period, assertions
from clauses.evaluation import as_json, ask, evaluate, exceptions_of
from clauses.models import NotApplicable
from organizations.members import members, valid_members
from organizations.models import Membership, Organization, Targets
from organizations.roles import Role
from organizations.scope import current_organization, in_organization
from registers.export import exported, write_csv
from registers.register import Register, registry
from registers.services import archive, restore, set_links
from requirements_registry.models import Requirement
from requirements_registry.services import acknowledge
from tests.people import make_organization, make_people
from tests.support.factories import make, make_child
from tests.support.moments import passes, standing_clock
from trail.history import bulk_update
from trail.models import Event, record_event
from trail.time_travel.travel import time_travel

REGISTERS = list(registry)
LINKED = [(register, field.name) for register in REGISTERS for field in register.model._meta.many_to_many]
CHILDREN = [(register, child) for register in REGISTERS for child in register.children if child.form]
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


# --- What is done: each takes two numbers, which say to what ----------------------------------------------------------


def create(a: int, b: int) -> None:
    register = REGISTERS[a % len(REGISTERS)]
    make(register.model, register.model.objects.count() + 1)


def edit(a: int, b: int) -> None:
    if row := chosen(a, b):
        setattr(row, row.title_field, f"Changed to {b}")
        row.external_id = f"{row.reference}/{b}"
        row.save()


def put_away_or_take_back(a: int, b: int) -> None:
    if row := chosen(a, b):
        (restore if row.is_archived else archive)(row, by=current_organization_member(), reason="Because")


def link(a: int, b: int) -> None:
    register, name = LINKED[a % len(LINKED)]
    if row := chosen(REGISTERS.index(register), b):
        field: Any = register.model._meta.get_field(name)
        others = field.related_model.objects.order_by("pk")[: b % 3]  # sometimes none: links are taken away
        set_links(row, name, others)


def add_to_a_record(a: int, b: int) -> None:
    """An assessment, a review, an effectiveness check: whatever hangs on a record."""
    register, child = CHILDREN[a % len(CHILDREN)]
    if row := chosen(REGISTERS.index(register), b):
        make_child(child, row, b)


def acknowledge_one(a: int, b: int) -> None:
    requirement = Requirement.objects.filter(status="active", archived_at=None).order_by("pk").first()
    if requirement:
        acknowledge(requirement, by=members(Role.TOP_MANAGEMENT, Role.CONTRIBUTOR)[b % 2], words="I see to it.")


def put_in_force(a: int, b: int) -> None:
    for requirement in Requirement.objects.filter(archived_at=None).exclude(status="active")[:1]:
        requirement.status, requirement.applicable = "active", "yes"
        requirement.save()


def edit_many(a: int, b: int) -> None:
    register = REGISTERS[a % len(REGISTERS)]
    rows = list(register.model.objects.all())
    for row in rows:
        row.external_id = f"{row.pk}/{b}"
    bulk_update(register.model, rows, ["external_id"])


def set_other_targets(a: int, b: int) -> None:
    Targets.objects.update_or_create(
        effective_from=current_organization().today(), defaults={"review_days": a % 60 + 1, "check_days": b % 60 + 1}
    )


def switch_off_or_on(a: int, b: int) -> None:
    code = list(assertions)[a % len(list(assertions))].code
    off = NotApplicable.objects.filter(code=code, until=None).first() or NotApplicable(code=code, reason="Not ours")
    off.until = current_organization().today() if off.pk else None
    off.save()


def rename(a: int, b: int) -> None:
    organization = Organization.objects.get(pk=current_organization().pk)
    organization.name, organization.edition = f"Acme {b}", ("2015", "2026")[a % 2]
    organization.save()


def end_or_extend_a_membership(a: int, b: int) -> None:
    found = list(Membership.objects.filter(organization=current_organization()).order_by("pk"))
    membership = found[a % len(found)]
    membership.valid_until = max(membership.valid_from, current_organization().today() - timedelta(days=b % 20))
    membership.save()


def tell(a: int, b: int) -> None:
    record_event("looked at", f"ACT-{a:04d}")


def undo(a: int, b: int) -> None:
    """What was rolled back never was."""
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        create(a, b)
        edit(a, b)
        _ = 1 / 0


DEEDS: tuple[Callable[[int, int], None], ...] = (
    create, create, create, edit, put_away_or_take_back, link, add_to_a_record, acknowledge_one, put_in_force, edit_many,
    set_other_targets, switch_off_or_on, rename, end_or_extend_a_membership, tell, undo,
)  # fmt: skip


def chosen(a: int, b: int) -> Any:
    """One of a register's rows; None where it has none."""
    rows = REGISTERS[a % len(REGISTERS)].model.objects.order_by("pk")
    return rows[b % count] if (count := rows.count()) else None


def current_organization_member() -> Any:
    return members().first()


# --- What can be said -------------------------------------------------------------------------------------------------


def said() -> dict[str, Any]:
    """All that pages, exports, statements and packs are made of."""
    question = ask(YEAR)
    evaluation = evaluate(question)
    organization = current_organization()
    return {
        "organization": (organization.name, organization.edition),
        "counts": {register.slug: register.model.objects.current().count() for register in REGISTERS},
        "exports": {register.slug: export(register) for register in REGISTERS},
        "children": {f"{r.slug}/{c.name}": rows(r.model._meta.get_field(c.related_name).related_model) for r, c in CHILDREN},
        "versions": {r.slug: r.model.history.count() for r in REGISTERS},
        "events": rows(Event),
        "evaluation": as_json(evaluation, exceptions_of(evaluation, question)),
    }  # fmt: skip


def export(register: Register) -> bytes:
    """The file that a person gets."""
    with write_csv(register, register.records().order_by("id"), exported(register)) as file:
        return file.read()


def rows(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


# --- The property -----------------------------------------------------------------------------------------------------

numbers = st.integers(0, 400)
deeds = st.tuples(st.integers(0, len(DEEDS) - 1), numbers, numbers)
pauses = st.sampled_from([{"seconds": 1}, {"hours": 9}, {"days": 1}, {"days": 40}])
histories = st.lists(st.tuples(st.lists(deeds, min_size=1, max_size=5), pauses), min_size=2, max_size=5)


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(history=histories)
def test_as_of_every_moment_all_is_said_that_was_said_then(db: None, history: Any) -> None:
    with standing_clock() as hand, transaction.atomic():
        organization = make_organization("acme", "Acme Pumps")
        make_people(organization, make_organization("other", "Other Valves"))
        with in_organization(organization):
            told = [live_through(step, pause, hand) for step, pause in history]
            for moment, then in told:
                with time_travel(moment):
                    again = said()
                for what, value in then.items():
                    assert again[what] == value, f"{what} as of {moment}"
        transaction.set_rollback(True)


def live_through(step: Any, pause: dict[str, float], hand: time_machine.Traveller) -> tuple[Any, dict[str, Any]]:
    """Do what a transaction does, note what can be said, and let time pass."""
    with transaction.atomic():
        for number, a, b in step:
            try:
                with transaction.atomic():
                    DEEDS[number](a, b)
            except ValidationError:
                pass  # refused for a reason of its own: then nothing was done
    with in_organization(Organization.objects.get(pk=current_organization().pk)):
        then = said()
    return passes(hand, **pause), then


def test_who_was_a_member_counts_as_it_was_known_then(db: None) -> None:
    """A membership that is ended backwards doesn't change what was said before."""
    with standing_clock() as hand:
        organization = make_organization("acme", "Acme Pumps")
        people = make_people(organization, make_organization("other", "Other Valves"))
        with in_organization(organization):
            before = passes(hand, days=30)
            membership = Membership.objects.get(user=people.contributor)
            membership.valid_until = date(2025, 12, 31)
            membership.save()
            after = passes(hand, days=1)
            for moment, was_member in ((before, True), (after, False)):
                with time_travel(moment):
                    assert (people.contributor in valid_members(current_organization().today())) is was_member
