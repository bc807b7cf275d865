"""What customers say, how complaints are handled, and what is done beyond what was asked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from clauses.assertion import Period
from clauses.periods import in_words, quarter_of, quarters
from customerfocus.demonstration import texts
from customerfocus.demonstration.factory import Workshop, cycle, write
from feedback.models import Complaint, Enhancement, FeedbackItem, SatisfactionMethod, SurveyWave
from requirements_registry.models import InterestedParty

#: Feedback items of the usual size.
ITEMS = 2500
#: Key customers that were not heard this quarter.
SILENT = ("Kestrel Shipyard", "Meadow Juice", "Alpine Irrigation")
#: Source, lowest and highest number, whether higher is better, question.
SCALES: tuple[tuple[str, int, int, bool, str], ...] = (
    ("survey", 0, 10, True, "How likely are you to recommend us?"),
    ("survey", 1, 5, True, "How satisfied are you with the delivery?"),
    ("dealer_report", 1, 6, False, "Grade of the quarter"),
)


def methods(shop: Workshop) -> None:
    """Write how each segment is listened to."""
    segments = list(dict.fromkeys(segment for _name, segment, _key in texts.CUSTOMERS))
    rows = [
        SatisfactionMethod(
            segment=segment, method="Survey after delivery, visit of key customers", population_size=120 + 40 * index, frequency_days=91,
            owner=shop.people.owner, last_used_on=shop.ago(5, 60),
        )
        for index, segment in enumerate(segments)
    ]  # fmt: skip
    write(SatisfactionMethod, rows)


def items(shop: Workshop, known: dict[str, InterestedParty]) -> None:
    """Write two years of answers and remarks, on three scales.

    They rise a little, with a dip in the summer before last.
    """
    count = ITEMS if shop.rows <= 150 else ITEMS + shop.rows
    write(FeedbackItem, _items(shop, known, count, _surveys(shop, count // 2)))


def _surveys(shop: Workshop, asked: int) -> dict[Period, SurveyWave]:
    """Write a survey for each quarter of the two years and return them by their quarters."""
    found = quarters(shop.today)[::-1]
    rows = write(
        SurveyWave,
        [
            SurveyWave(
                title=f"Customer survey, {in_words(quarter)}",
                channel="Mail",
                asked=asked,
                sent_on=quarter.first,
                closed_on=quarter.last,
                owner=shop.people.owner,
            )
            for quarter in found
        ],
    )
    return dict(zip(found, rows, strict=True))


def _items(
    shop: Workshop, known: dict[str, InterestedParty], count: int, surveys: dict[Period, SurveyWave]
) -> Iterator[FeedbackItem]:
    customers = [known[name] for name, _segment, _key in texts.CUSTOMERS]
    quarter = 3 * ((shop.today.month - 1) // 3) + 1
    begun = (shop.today - shop.today.replace(month=quarter, day=1)).days
    for index in range(count):
        days = int(720 * (1 - math.sqrt((index + 0.5) / count)))
        customer = cycle(customers, shop.chance.randrange(len(customers)))
        if customer.name in SILENT and days <= begun:
            days = begun + shop.chance.randint(1, 90)
        yield _item(shop, index, customer, days, surveys)


def _item(
    shop: Workshop, index: int, customer: InterestedParty, days: int, surveys: dict[Period, SurveyWave]
) -> FeedbackItem:
    source, lowest, highest, higher, question = cycle(list(SCALES), index)
    mood = min(1.0, max(0.0, shop.chance.gauss(0.80 - 0.00008 * days - (0.12 if 480 < days < 540 else 0), 0.17)))
    place = mood if higher else 1 - mood
    score = lowest + round(place * (highest - lowest))
    theme, good, bad = shop.chance.choice(texts.REMARKS)
    if index % 25 == 24:
        source, question = ("compliment", "") if mood > 0.6 else ("meeting", "")
    day = shop.today - timedelta(days=days)
    shared = source == "compliment"
    # The two years begin within a quarter that is offered no more: its answers belong to no survey.
    wave = surveys.get(quarter_of(day)) if source == "survey" else None
    return FeedbackItem(
        source=source, wave=wave, collected_at=shop.moment(day), customer=customer, respondent=f"Contact {1 + index % 90}", product="Standard range" if index % 3 else "Process pumps", question=question, is_recommendation="recommend" in question,
        score=Decimal(score) if question else None, scale_min=Decimal(lowest) if question else None, scale_max=Decimal(highest) if question else None, higher_is_better=higher,
        text=(good if mood > 0.6 else bad) if shop.likely(0.4) or not question else "", themes=theme, language="en", channel="Mail" if index % 2 else "Visit",
        shared_on=min(shop.today, day + timedelta(days=2)) if shared else None, shared_with="Assembly and service" if shared else "",
    )  # fmt: skip


def complaints(shop: Workshop, known: dict[str, InterestedParty]) -> None:
    """Write complaints on their way; a few answers came late, two outcomes were never told."""
    customers = [known[name] for name, _segment, _key in texts.CUSTOMERS]
    write(
        Complaint, (_complaint(shop, index, cycle(customers, index * 3)) for index in range(50 * min(shop.scale, 200)))
    )


def _complaint(shop: Workshop, index: int, customer: InterestedParty) -> Complaint:
    title, said, sought = cycle(list(texts.COMPLAINTS), index)
    received = shop.moment(shop.ago(30, 40) if index == 20 else shop.ago(1, 400))
    age = (shop.today - received.date()).days
    late = index % 21 == 20
    steps = {
        "acknowledged_at": 1,
        "assessed_at": 2,
        "investigated_at": 5,
        "responded_at": 16 if late else 7,
        "closed_at": 22,
    }
    moments = {name: received + timedelta(days=days) for name, days in steps.items() if age > days}
    closed = "closed_at" in moments
    told = "responded_at" in moments and index not in (4, 17)
    return Complaint(
        title=title, text=said, customer=customer, complainant=f"Contact {1 + index % 40}", product="Standard range", channel="Mail", owner=shop.people.owner, received_at=received, **moments,
        severity=("low", "medium", "high")[index % 3], safety="none" if index % 9 else "low", complexity="low", impact="medium", urgency=("low", "medium")[index % 2],
        findings="Cause found and shown to the customer." if "investigated_at" in moments else "", nonconformity=("yes", "no")[index % 3 == 0] if closed else "undecided",
        remedy_sought=sought, remedy_given=sought if closed else "", outcome_told=told, outcome_told_at=moments.get("responded_at") if told else None,
        view=("satisfied", "unknown", "not")[min(2, index % 5)] if closed else "unknown",
    )  # fmt: skip


def enhancements(shop: Workshop, known: dict[str, InterestedParty]) -> None:
    """Write the unexpected extras, with the effect measured where it was."""
    rows = []
    for index, (title, reaction, effect) in enumerate(texts.ENHANCEMENTS):
        done = shop.ago(20, 80) if index < 2 else shop.ago(100, 300)
        rows.append(
            Enhancement(
                title=title, customer=known[texts.CUSTOMERS[index][0]], owner=shop.people.owner, done_on=done, cost=Decimal(300 + 250 * index), currency="EUR", reaction=reaction,
                expected_effect="Fewer standstills and a better score.", measure_due_on=done + timedelta(days=90), measured_effect=effect,
                measured_on=min(shop.today, done + timedelta(days=60)) if effect else None,
            )
        )  # fmt: skip
    write(Enhancement, rows)
