"""Issues, risks, opportunities, suppliers, and the actions that arise."""

from __future__ import annotations

from datetime import timedelta

from actions.models import Action, EffectivenessCheck
from customerfocus.demonstration import texts
from customerfocus.demonstration.factory import Workshop, cycle, write
from requirements_registry.models import ConformityCheck, InterestedParty, Requirement
from risks.models import (
    Acceptance,
    ContextIssue,
    Opportunity,
    OpportunityAssessment,
    OpportunityRequirement,
    Risk,
    RiskAssessment,
    RiskRequirement,
    SupplierReview,
)
from risks.models.scale import ensure_scale
from trail.history import bulk_create


def issues(shop: Workshop) -> None:
    """Write what bears on the organization; climate change is decided on."""
    rows = [
        ContextIssue(
            title=title, side=side, category=category, direction=direction, owner=shop.people.quality, reviewed_on=shop.ago(20, 300),
            relevance="relevant", relevance_rationale="Changes demand and design limits of our pumps." if category == "climate" else "Bears on what customers ask.",
        )
        for title, side, category, direction in texts.ISSUES
    ]  # fmt: skip
    write(ContextIssue, rows)


def risks(shop: Workshop, requirements: list[Requirement]) -> list[Risk]:
    """Write risks with assessments before and after treatment.

    Three of them stay above appetite with nobody at it.
    """
    rows = write(
        Risk,
        [
            Risk(
                event=event if not turn else f"{event} (line {turn + 1})", cause=cause, consequence=consequence, affects=affects, response=response,
                determined_on=shop.ago(250, 500), owner=cycle(list(shop.people.owners), index),
            )
            for turn in range(shop.scale)
            for index, (event, cause, consequence, affects, _likelihood, _level, response) in enumerate(texts.RISKS)
        ],
    )  # fmt: skip
    # Each risk is linked to two of the requirements on which most depends; the last few of those stay without one.
    critical = [row for row in requirements if row.status == "active" and row.criticality == "critical"] or requirements
    targets = critical[: len(critical) - len(critical) // 10]
    links = {(row.pk, cycle(targets, 2 * index + turn).pk) for index, row in enumerate(rows) for turn in range(2)}
    bulk_create(
        RiskRequirement,
        [RiskRequirement(risk_id=risk, requirement_id=requirement) for risk, requirement in sorted(links)],
    )
    RiskAssessment.write_many(
        [each for index, row in enumerate(rows) for each in _risk_assessments(shop, index, row)],
        reason="Assessed at the yearly workshop",
    )
    _accept(shop, rows)
    return rows


def _risk_assessments(shop: Workshop, index: int, row: Risk) -> list[RiskAssessment]:
    likelihood, consequence = texts.RISKS[index % len(texts.RISKS)][4:6]
    inherent = RiskAssessment(
        risk=row,
        stage="inherent",
        likelihood=likelihood,
        consequence=consequence,
        assessed_on=row.determined_on,
        rationale="As it would be without treatment.",
        assessor=shop.people.quality,
    )
    if index % 17 == 16:
        return [inherent]  # nobody has looked since
    lowered = max(1, likelihood - (index % 5 != 0))
    current = RiskAssessment(
        risk=row,
        stage="current",
        likelihood=lowered,
        consequence=consequence,
        assessed_on=shop.ago(10, 240),
        rationale="After the measures taken so far.",
        assessor=row.owner,
    )
    return [inherent, current]


def _accept(shop: Workshop, rows: list[Risk]) -> None:
    """Write a risk that the director accepts until next year, and one that ran out."""
    high = [
        row
        for row in Risk.objects.filter(
            pk__in=[row.pk for row in rows[:24]], score__gt=ensure_scale().appetite
        ).order_by("pk")
    ]
    for row, accepted, expires in zip(high[:2], (60, 300), (-200, 40), strict=False):
        acceptance = Acceptance(
            risk=row, rationale="Retained until the second source is approved.", accepted_by=shop.people.director
        )
        acceptance.accepted_on, acceptance.expires_on = (
            shop.today - timedelta(days=accepted),
            shop.today - timedelta(days=expires),
        )
        acceptance.save()


def opportunities(shop: Workshop, requirements: list[Requirement]) -> list[Opportunity]:
    """Write opportunities, two of which nobody has decided on."""
    rows = write(
        Opportunity,
        [
            Opportunity(
                event=event, cause=cause, consequence=benefit, affects=affects, response=response, determined_on=shop.ago(5, 400), owner=shop.people.quality,
                expected_result="Five customers in the first year." if response == "pursue" else "", realised_result="Two customers so far." if index % 4 == 0 and response == "pursue" else "",
            )
            for index, (event, cause, benefit, affects, _probability, _level, response) in enumerate(texts.OPPORTUNITIES)
        ],
    )  # fmt: skip
    bulk_create(
        OpportunityRequirement,
        [
            OpportunityRequirement(opportunity=row, requirement=cycle(requirements, 3 + index * 5))
            for index, row in enumerate(rows)
        ],
    )
    assessments = [
        OpportunityAssessment(
            opportunity=row,
            stage="current",
            likelihood=probability,
            consequence=level,
            assessed_on=max(row.determined_on, shop.ago(10, 200)),
            rationale="Workshop with sales.",
            assessor=shop.people.quality,
        )
        for row, (_event, _cause, _benefit, _affects, probability, level, _response) in zip(
            rows, texts.OPPORTUNITIES, strict=True
        )
    ]
    OpportunityAssessment.write_many(assessments, reason="Assessed with sales")
    return rows


def suppliers(shop: Workshop, known: dict[str, InterestedParty]) -> None:
    """Write reviews of the suppliers."""
    external = [party for party in known.values() if party.kind == "external_provider"]
    rows = [
        SupplierReview(
            supplier=party, reviewed_on=shop.ago(20, 300), conclusion="Goes on as key supplier, with the findings below.", delivery=3 + index % 3, quality=4,
            responsiveness=2 + index % 4, dependency=5 - index % 3, findings="Certificates came late twice." if index % 2 else "", reviewer=shop.people.owner,
        )
        for index, party in enumerate(external)
    ]  # fmt: skip
    write(SupplierReview, rows)


def actions(shop: Workshop, risks: list[Risk], checks: list[ConformityCheck]) -> None:
    """Write what is done about high risks and failed checks; two are late and nobody was told."""
    failed = [check for check in checks if check.result != "met"]
    origins = [risk.reference for risk in risks[:10]] + [check.reference for check in failed]
    rows = write(
        Action,
        [_action(shop, index, cycle(origins, index)) for index in range(len(texts.ACTIONS) * shop.scale)]
        if origins
        else [],
    )
    judged = [
        row for row in rows if row.status == "done" and row.done_on and row.done_on < shop.today - timedelta(days=40)
    ]
    verdicts = [
        EffectivenessCheck(
            action=row,
            checked_on=row.done_on + timedelta(days=33),
            verdict="effective" if index % 5 else "partly",
            evidence="No further case since; records of three months.",
            checker=shop.people.quality,
        )
        for index, row in enumerate(judged)
        if row.owner_id != shop.people.quality.pk and row.done_on and index % 6 != 5
    ]
    bulk_create(EffectivenessCheck, verdicts)


def _action(shop: Workshop, index: int, origin: str) -> Action:
    title, kind, process = cycle(list(texts.ACTIONS), index)
    state = ("under_way", "done", "planned", "done")[index % 4]
    late = index in (2, 8)
    due = (
        shop.ago(10, 40)
        if late
        else shop.today + timedelta(days=shop.chance.randint(5, 90))
        if state != "done"
        else shop.ago(50, 200)
    )
    return Action(
        title=title, kind=kind, status=state, origin=origin, process=process, owner=shop.people.owner if index % 3 else shop.people.quality, due_on=due,
        done_on=due - timedelta(days=3) if state == "done" else None, cause="Found by asking why five times." if kind == "corrective" else "",
        description=f"Arises from {origin}.",
    )  # fmt: skip
