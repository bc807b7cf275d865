"""Every number of the satisfaction page and of c3, worked out a second time with pandas and statsmodels from the same answers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from django.test import Client
from statsmodels.stats.weightstats import DescrStatsW

from clauses.evaluation import Outcome
from clauses.statistics import Z95
from feedback.models import FeedbackItem
from organizations.models import Targets
from tests.feedback.conftest import at, party, wave
from tests.people import People
from trail.history import bulk_create

pytestmark = pytest.mark.usefixtures("in_acme", "targets")

#: Question, lowest, highest, higher is better, recommendation question.
QUESTIONS = (
    ("Recommend?", 0, 10, True, True),
    ("Friendly?", 1, 5, True, False),
    ("In time?", 1, 6, False, False),
    ("Clean?", 0, 10, True, False),
)
SEGMENTS = ("Dairies", "Clinics", "")


def interval_of(means: pd.Series, low: float, high: float) -> tuple[float, float] | None:
    """The adjusted interval of people's means by statsmodels: three added, ¾, 1½ and ¾; none below ten people."""
    if len(means) < 10:
        return None
    values = [*means, low, (low + high) / 2, high]
    found = DescrStatsW(values, weights=[1.0] * len(means) + [0.75, 1.5, 0.75])
    half = Z95 * found.std / math.sqrt(found.nobs)
    return max(low, found.mean - half), min(high, found.mean + half)


def answered(seed: int, count: int, good: float) -> pd.DataFrame:
    """Answers of people of three segments to three questions, some of them several times, in the database and as a table."""
    chance = random.Random(seed)
    customers = [party(f"Customer {number}", segment=SEGMENTS[number % 3]) for number in range(6)]
    surveys = {None: None, "Spring": wave("Spring", asked=25), "Follow-up": wave("Follow-up", asked=3000)}
    rows, records = [], []
    for number in range(count):
        question, low, high, higher, recommends = chance.choice(QUESTIONS)
        customer = chance.choice([None, *customers])
        survey = chance.choice(list(surveys))
        name = chance.choice(["", *(f"Person {who}" for who in range(30))])
        mood = min(1.0, max(0.0, chance.gauss(good, 0.25)))
        score = low + round((mood if higher else 1 - mood) * (high - low))
        moment = at(date(2026, 4, 1) + timedelta(days=chance.randrange(91)), chance.randrange(24))
        common = {"question": question, "higher_is_better": higher, "respondent": name, "collected_at": moment}
        rows.append(
            FeedbackItem(
                **common,
                source="survey",
                reference=f"FBK-{number}",
                customer=customer,
                wave=surveys[survey],
                score=Decimal(score),
                scale_min=Decimal(low),
                scale_max=Decimal(high),
                is_recommendation=recommends,
            )
        )
        share = (score - low) / (high - low)
        person = f"{customer.name}/{name}" if customer else f"{survey}/{name}" if name else f"nobody {number}"
        records.append(
            {
                "question": question,
                "segment": customer.segment if customer else "",
                "person": person,
                "survey": survey,
                "month": moment.month,
                "position": round(100 * (share if higher else 1 - share), 4),
                "side": (score >= 9) - (score < 7),
            }
        )
    bulk_create(FeedbackItem, rows)
    return pd.DataFrame(records)


def people_in(of: pd.DataFrame) -> int:
    """Those known by customer or name, and as many of the others as any question got."""
    others = of[of.person.str.startswith("nobody")].groupby("question").size()
    return int(of[~of.person.str.startswith("nobody")].person.nunique() + (0 if others.empty else others.max()))


def check(cell: Any, means: pd.Series, low: float, high: float) -> None:
    """A cell of the table says what people's means come to."""
    if means.empty:
        assert cell.value == ""
        return
    assert int(cell.people.split(" ")[0]) == len(means)
    expected = interval_of(means, low, high)
    drawn = [None if end is None else 100 * (end - low) / (high - low) for end in expected or (None, None)]
    assert cell.at == pytest.approx(100 * (means.mean() - low) / (high - low), abs=0.051)
    assert [cell.low, cell.high] == (drawn if expected is None else pytest.approx(drawn, abs=0.051))


@pytest.mark.parametrize(("seed", "count", "good"), [(1, 12, 0.8), (2, 60, 0.8), (3, 400, 0.72), (4, 400, 0.95)])
def test_every_cell_rate_and_month_of_the_page_is_what_pandas_finds(
    seed: int, count: int, good: float, people: People, client_of: Callable[..., Client]
) -> None:
    table = answered(seed, count, good)
    context = client_of(people.quality_manager).get("/o/acme/satisfaction/", {"period": "2026-Q2"}).context
    shown = context["tables"][0]["table"]
    names = [None, *("" if column == "not given" else column for column in shown.columns)]
    seen = set()
    for row in shown.rows:
        of = table[table.question == row.name]
        column, low, high = ("position", 0.0, 100.0) if row.target is not None else ("side", -1.0, 1.0)
        seen.add((row.name, column))
        for name, cell in zip(names, row.cells, strict=True):
            part = of if name is None else of[of.segment == name]
            check(cell, part.groupby("person")[column].mean(), low, high)
    asked = set(table.question)
    expected = {(question, "position") for question in asked}
    assert seen == expected | ({("Recommend?", "side")} if "Recommend?" in asked else set())
    for response in context["responses"]:
        of = table[table.survey == response.wave.title]
        assert response.answered == people_in(of)
        wrong = response.answered > response.wave.asked
        assert response.rate == (None if wrong else pytest.approx(100 * response.answered / response.wave.asked))
    drawn = table[table.question == context["trend_of"].question]
    for month in context["trend"].months:
        if month.first >= date(2026, 4, 1):
            means = drawn[drawn.month == month.first.month].groupby("person").position.mean()
            assert month.score.n == len(means)
            assert month.score.mean == (None if means.empty else pytest.approx(means.mean(), abs=1e-6))


@pytest.mark.parametrize("seed", range(8))
def test_c3_comes_to_what_pandas_finds(seed: int, outcome: Callable[..., Outcome], targets: Targets) -> None:
    table = answered(seed, (15, 60, 200, 400)[seed % 4], (0.7, 0.95)[seed % 2])
    wholes, parts = {}, {}
    for question, of in table.groupby("question"):
        means = of.groupby("person").position.mean()
        wholes[question] = (len(means), means.mean())
        for segment, within in of.groupby("segment"):
            means = within.groupby("person").position.mean()
            if segment and len(means) >= 10:
                parts[question, segment] = means.mean()
    enough = {question: mean for question, (n, mean) in wholes.items() if n >= 10}
    below = {key: mean for key, mean in enough.items() if mean < 75}
    parts_below = {key: mean for key, mean in parts.items() if mean < 75}
    found = outcome("c3")
    spring = people_in(table[table.survey == "Spring"])
    if below or parts_below:
        expected, lowest = "gap", min((below or parts_below).values())
    elif not enough:
        expected, lowest = "attention", None
    else:
        is_open = len(enough) < len(wholes) or spring > 25
        expected, lowest = ("attention" if is_open else "met"), min(enough.values())
    assert found.result.value == expected
    assert (
        found.value == "too few"
        if lowest is None
        else float(found.value.split()[0]) == pytest.approx(lowest, abs=0.051)
    )
    assert (found.denominator, found.exceptions) == (len(table), int((table.position < 50).sum()))
