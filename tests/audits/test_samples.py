"""Samples as they are drawn from registers and kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from audits.models import AuditNote, Sample
from audits.pack_document import as_json
from audits.population import population
from audits.sampling import Entry, digest, draw
from audits.services import add_note, draw_sample
from organizations.models import Organization, Site
from registers.lists.rows import rows_for
from registers.register import registry
from registers.services import set_links
from requirements_registry.models import Requirement
from risks.models import Risk, RiskAssessment
from tests.people import People
from tests.support.factories import make
from trail.models import Event
from trail.sealing.canonical import as_json as plain_values
from trail.sealing.canonical import canonical_bytes

REQUIREMENTS = registry["requirements"]


def sample(**values: Any) -> Sample:
    return Sample(**{"purpose": "Are they understood?", "method": "simple", "size": 3, "seed": "1984"} | values)


@pytest.fixture
def rows(in_acme: Organization, people: People) -> list[Requirement]:
    """Ten requirements: seven at North, two at South, one nowhere; every other one a customer's."""
    north, south = (Site.objects.create(code=code, name=code) for code in "NS")
    places = [north] * 7 + [south] * 2 + [None]
    kinds = ("customer", "statutory")
    return [
        make(Requirement, number, status="active", kind=kinds[number % 2], site=site)
        for number, site in enumerate(places)
    ]


def test_the_population_is_exactly_what_the_list_holds(rows: list[Requirement], people: People) -> None:
    drawn = draw_sample(sample(), register=REQUIREMENTS, query="kind=customer&page=2&sort=-title", by=people.auditor)
    listed_rows = rows_for(REQUIREMENTS, QueryDict("kind=customer")).rows
    assert drawn.query == "kind=customer"
    assert [entry[0] for entry in drawn.entries] == sorted(row.reference for row in listed_rows)
    assert drawn.population == listed_rows.count() == 5


def test_the_exceptions_of_an_assertion_can_be_drawn_from(rows: list[Requirement], people: People) -> None:
    drawn = draw_sample(sample(), register=REQUIREMENTS, query="assertion=a1", by=people.auditor)
    assert drawn.population == rows_for(REQUIREMENTS, QueryDict("assertion=a1")).rows.count() > 0


def test_a_kept_sample_can_be_drawn_again_from_what_is_kept(rows: list[Requirement], people: People) -> None:
    kept = draw_sample(
        sample(method="stratified", stratified_by="site"), register=REQUIREMENTS, query="", by=people.auditor
    )
    told = json.loads(canonical_bytes(plain_values(as_json(kept))))
    entries = [Entry(*row) for row in told["population"]["rows"]]
    again = draw(told["method"], entries, told["size"], told["seed"])
    assert [row["reference"] for row in told["rows"]] == [entry.reference for entry in again]
    assert digest(entries) == told["population"]["digest"]
    assert told["strata"] == [
        {"stratum": "", "population": 1, "drawn": 1},
        {"stratum": "N", "population": 7, "drawn": 1},
        {"stratum": "S", "population": 2, "drawn": 1},
    ]


def test_drawn_rows_are_frozen_with_their_version(rows: list[Requirement], people: People) -> None:
    kept = draw_sample(sample(size=10), register=REQUIREMENTS, query="", by=people.auditor)
    for row in rows:
        row.title = "Changed since"
        row.revision += 1
        row.save()
    for drawn in kept.rows.all():
        version = Requirement.history.get(history_id=drawn.version)
        assert (version.reference, version.revision, " ".join(version.title.split())) == (
            drawn.reference,
            drawn.revision,
            drawn.title,
        )


def test_a_seed_is_made_where_none_is_given_and_the_sample_says_so(rows: list[Requirement], people: People) -> None:
    given, made = (
        draw_sample(sample(seed=seed), register=REQUIREMENTS, query="", by=people.auditor) for seed in ("1984", "")
    )
    assert (given.seed, given.seed_given) == ("1984", True)
    assert (len(made.seed), made.seed_given) == (32, False)


def test_weights_are_one_more_than_the_highest_score_of_the_risks(rows: list[Requirement], people: People) -> None:
    for number, levels in enumerate([(5, 4), (2, 2)]):
        risk = make(Risk, number)
        make(RiskAssessment, risk=risk, likelihood=levels[0], consequence=levels[1])
        set_links(risk, "requirements", [rows[0]])
    weights = {m.entry.reference: m.entry.weight for m in population(REQUIREMENTS, "", weighted=True)}
    assert weights.pop(rows[0].reference) == 21
    assert set(weights.values()) == {1}
    by_score = {m.entry.weight for m in population(registry["risks"], "", weighted=True)}
    assert by_score == {21, 5}


@pytest.mark.parametrize(
    ("values", "query", "field"),
    [
        ({"size": 11}, "", "size"),
        ({"method": "stratified", "stratified_by": "site", "size": 2}, "", "size"),
        ({"method": "stratified", "stratified_by": "title"}, "", "stratified_by"),
        ({"method": "stratified"}, "", "stratified_by"),
        ({"seed": "with blanks"}, "", "seed"),
        ({"purpose": ""}, "", "purpose"),
        ({"size": 0}, "", "size"),
        ({}, "q=nowhere", "__all__"),
        ({}, "kind=unheard-of", "__all__"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_its_field(
    rows: list[Requirement], people: People, values: dict[str, Any], query: str, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        draw_sample(sample(**values), register=REQUIREMENTS, query=query, by=people.auditor)
    assert list(getattr(refused.value, "error_dict", {"__all__": []})) == [field]
    assert not Sample.objects.exists()


def test_a_register_without_risks_cannot_be_drawn_from_by_risk(in_acme: Organization, people: People) -> None:
    with pytest.raises(ValidationError, match="No risks are linked"):
        draw_sample(sample(method="risk"), register=registry["actions"], query="", by=people.auditor)


def test_drawing_and_noting_are_in_the_trail_and_cannot_be_changed(rows: list[Requirement], people: People) -> None:
    kept = draw_sample(sample(), register=REQUIREMENTS, query="", by=people.auditor)
    row = kept.rows.first()
    note = add_note(AuditNote(row=row, finding="conformity", text="Seen in the contract."), by=people.auditor)
    assert list(Event.objects.values_list("verb", "subject", "actor")) == [
        ("noted", row.reference, people.auditor.pk),
        ("drew a sample", kept.reference, people.auditor.pk),
    ]
    for written in (kept, row, note):
        with pytest.raises(TypeError, match="never changed"):
            written.save()


def test_what_was_noted_later_than_a_packs_moment_is_not_in_the_pack(rows: list[Requirement], people: People) -> None:
    kept = draw_sample(sample(), register=REQUIREMENTS, query="", by=people.auditor)
    add_note(AuditNote(row=kept.rows.first(), finding="observation", text="Later."), by=people.auditor)
    assert [len(as_json(kept, until)["notes"]) for until in (kept.as_of, None)] == [0, 1]
