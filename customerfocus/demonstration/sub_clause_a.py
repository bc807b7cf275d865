"""Requirements, and how they are known, understood and met.

With gaps: somebody has to find something.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from customerfocus.demonstration import texts
from customerfocus.demonstration.factory import Workshop, cycle, write
from requirements_registry.models import Acknowledgement, ConformityCheck, InterestedParty, Requirement, WatchEntry
from trail.history import bulk_create

#: Checks of each active requirement.
CHECKS = 4


def parties(shop: Workshop) -> dict[str, InterestedParty]:
    """Write customers, authorities, suppliers and the others; return them by name."""
    customers = [
        InterestedParty(
            name=name, kind="customer", segment=segment, is_key_customer=key, relevance=f"Buys pumps and service; segment {segment.lower()}.",
            monitoring="Yearly visit, score card, survey", addressed="Contract requirements and delivery promise", addressed_on=shop.ago(30, 200), last_reviewed_on=shop.ago(20, 330),
        )
        for name, segment, key in texts.CUSTOMERS
    ]  # fmt: skip
    others = [
        InterestedParty(
            name=name, kind=kind, relevance=relevance, monitoring="Official journals, meetings", addressed=relevance, addressed_on=shop.ago(30, 200),
            last_reviewed_on=shop.ago(20, 330),
        )
        for name, kind, relevance in texts.PARTIES
    ]  # fmt: skip
    return {party.name: party for party in write(InterestedParty, [*customers, *others])}


def requirements(shop: Workshop, known: dict[str, InterestedParty]) -> list[Requirement]:
    """Write laws and promises once, and customer requirements up to the rows asked for."""
    rows = [*_laws(shop, known), *_promises(shop, known)]
    customers = [known[name] for name, _segment, _key in texts.CUSTOMERS]
    rows += [_customer_ask(shop, index, cycle(customers, index * 7)) for index in range(max(0, shop.rows - len(rows)))]
    for row in rows:
        row.clean()
    return write(Requirement, rows)


def _laws(shop: Workshop, known: dict[str, InterestedParty]) -> Iterator[Requirement]:
    for index, (source, clause, kind, jurisdiction, party, title, statement) in enumerate(texts.LAWS):
        decided = index not in (10, 16)  # two that nobody has decided on
        yield _requirement(
            shop, index, title=title, statement=statement, kind=kind, source=source, source_clause=clause, jurisdiction=jurisdiction, interested_party=known[party],
            criticality="critical" if index % 4 == 0 else "high", criterion="Evidence on file for each product range", category="Law", processes="Design, Documentation",
            applicable="yes" if decided else "undecided", justification="Sold or used in the product range." if decided else "",
            decided_by=shop.people.quality if decided else None, decided_on=shop.ago(60, 300) if decided else None,
        )  # fmt: skip


def _promises(shop: Workshop, known: dict[str, InterestedParty]) -> Iterator[Requirement]:
    for index, (title, statement, criterion) in enumerate(texts.PROMISES):
        yield _requirement(
            shop, index, title=title, statement=statement, criterion=criterion, kind="promise", source="Own promise", interested_party=known["Owners"], criticality="medium",
            category="Promise", processes="Service",
        )  # fmt: skip


def _customer_ask(shop: Workshop, index: int, customer: InterestedParty) -> Requirement:
    statement, title, criterion, category, processes = cycle(list(texts.CUSTOMER_ASKS), index)
    number = 2 + (index // len(texts.CUSTOMER_ASKS)) % 13
    return _requirement(
        shop, index, title=f"{title}, {customer.name}", statement=statement.format(n=number), criterion=criterion, kind="customer", category=category, processes=processes,
        source="" if index % 59 == 58 else f"Frame contract {customer.name}", source_clause=f"{1 + index % 9}.{1 + index % 5}", interested_party=customer,
        criticality=("critical", "high", "medium", "medium", "low")[index % 5], products="Standard range" if index % 3 else "Process pumps",
    )  # fmt: skip


def _requirement(shop: Workshop, index: int, **fields: object) -> Requirement:
    begun = shop.ago(200, 700)
    draft = index % 23 == 22
    return Requirement(
        status="draft" if draft else "active", owner=None if index % 67 == 66 else cycle(list(shop.people.owners), index), effective_on=begun,
        last_reviewed_on=shop.ago(353, 361) if index % 31 == 30 else shop.ago(5, 340), acknowledge_from=begun, **fields,
    )  # fmt: skip


def understanding(shop: Workshop, rows: list[Requirement]) -> None:
    """Have owners acknowledge nearly all of them, and the director nearly all critical ones."""
    active = [row for row in rows if row.status == "active"]
    given = []
    for index, row in enumerate(active):
        day = min(shop.today, row.acknowledge_from + timedelta(days=shop.chance.randint(1, 12)))
        if row.owner_id and index % 29 != 28:
            given.append(
                Acknowledgement(
                    requirement=row,
                    person=row.owner,
                    version=row.version,
                    words=f"We make sure of it: {row.title_text}.",
                    acknowledged_at=shop.moment(day),
                )
            )
        if row.criticality == "critical" and index % 6 != 5:
            given.append(
                Acknowledgement(
                    requirement=row,
                    person=shop.people.director,
                    version=row.version,
                    words="Read and understood; resources are there.",
                    acknowledged_at=shop.moment(day),
                )
            )
    bulk_create(Acknowledgement, given)


def checks(shop: Workshop, rows: list[Requirement]) -> list[ConformityCheck]:
    """Write checks at intervals.

    Some were missed; a few found that the requirement isn't met, one twice in a row.
    """
    return write(
        ConformityCheck,
        (check for index, row in enumerate(rows) if row.status == "active" for check in _checks_of(shop, index, row)),
    )


def _checks_of(shop: Workshop, index: int, row: Requirement) -> Iterator[ConformityCheck]:
    if index % 97 == 96:
        return  # never checked
    newest = 200 if index % 53 == 52 else shop.chance.randint(3, 150)
    for turn in reversed(range(CHECKS)):
        day = shop.today - timedelta(days=newest + 90 * turn)
        failed = (index == 7 and turn < 2) or shop.likely(0.035)
        yield _check(shop, row, day, failed)


def _check(shop: Workshop, row: Requirement, day: date, failed: bool) -> ConformityCheck:
    sample = shop.chance.choice((5, 8, 12, 20, 50, 120))
    good = sample - shop.chance.randint(1, max(1, sample // 4)) if failed else sample
    result = "met" if not failed else "not_met" if shop.likely(0.7) else "partly"
    method = shop.chance.choice(
        ("Sample of orders", "Test record", "Customer's score card", "Internal audit", "Measurement")
    )
    return ConformityCheck(
        requirement=row, checked_on=day, method=method, result=result, measured=f"{good} of {sample}", sample_size=sample, criterion=row.criterion,
        checker=shop.people.owner if shop.likely(0.6) else shop.people.quality, evidence="Records of the process, kept in the shared folder",
    )  # fmt: skip


def legal_watch(shop: Workshop, rows: list[Requirement]) -> None:
    """Write a look at each law in the last months; two changed, one impact is still open."""
    laws = [row for row in rows if row.kind in ("statutory", "regulatory")]
    entries = [WatchEntry(requirement=row, looked_on=shop.ago(10, 120), looked_by=shop.people.quality) for row in laws]
    for entry, closed in zip(entries[:2], (True, False), strict=True):
        entry.changed, entry.impact_due_on = True, entry.looked_on + timedelta(days=30)
        entry.impact = "Technical files and instructions need a new revision." if closed else ""
        entry.impact_closed_on = min(shop.today, entry.looked_on + timedelta(days=9)) if closed else None
    write(WatchEntry, entries)
