"""Scores and response rates of real answers, against figures that were worked out by hand from the file."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import statsmodels.api as sm
from django.test import Client

from clauses.assertion import Period, assertions
from clauses.evaluation import ask, outcome_of
from feedback.models import FeedbackItem, SurveyWave
from feedback.scores import by_segment
from organizations.models import Targets
from tests.people import People
from tests.real.test_import_registers import COMCAST, COMCAST_MAPPING, MOVIELENS, MOVIELENS_MAPPING
from tests.support.imports import run_import

DATA = Path(os.environ.get("CUSTOMERFOCUS_REAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
pytestmark = [
    pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is absent ({DATA}); set CUSTOMERFOCUS_REAL_DATA"),
    pytest.mark.usefixtures("in_acme"),
]
QUARTER = Period(date(2015, 10, 1), date(2015, 12, 31))
ZONE = ZoneInfo("Europe/Berlin")


@pytest.fixture
def ratings(tmp_path: Path) -> list[tuple[str, float]]:
    """The ratings of one quarter, imported as answers to a survey: who, and what from 0.5 to 5."""
    found, path = [], tmp_path / "ratings.csv"
    with (DATA / MOVIELENS).open(newline="") as file, path.open("w", newline="") as kept:
        rows = csv.DictReader(file)
        assert rows.fieldnames is not None
        writer = csv.DictWriter(kept, rows.fieldnames)
        writer.writeheader()
        for row in rows:
            day = datetime.fromtimestamp(int(row["timestamp"]), ZONE).date()
            if QUARTER.first <= day <= QUARTER.last:
                writer.writerow(row)
                found.append((row["user_id"], float(row["rating"])))
    mapping = MOVIELENS_MAPPING | {"wave": {"value": "Members asked in autumn"}}
    run_import("feedback", path, mapping)
    assert FeedbackItem.objects.count() == len(found) == 2514
    return found


def test_32_people_gave_2514_answers_and_one_of_them_three_in_ten(ratings: list[tuple[str, float]]) -> None:
    """By hand: the mean over answers is 66.437 %; each person once, it is 75.412 %, and the interval 67.798 to 78.670."""
    people, positions = (
        [who for who, _rating in ratings],
        np.array([(each - 0.5) / 4.5 * 100 for _who, each in ratings]),
    )
    assert max(people.count(who) for who in set(people)) / len(people) == pytest.approx(0.2947, abs=1e-4)
    assert positions.mean() == pytest.approx(66.437, abs=1e-3)
    (line,) = by_segment(FeedbackItem.objects.all(), 30)
    assert (line.whole.n, line.whole.answers, line.whole.mean) == (32, 2514, pytest.approx(75.412, abs=2e-3))
    assert line.whole.interval is not None
    assert (line.whole.interval.low, line.whole.interval.high) == pytest.approx((67.798, 78.670), abs=2e-3)
    # statsmodels: a mean weighted by person, its variance clustered by person; then the three answers added.
    weights = np.array([1 / people.count(who) for who in people])
    fitted = sm.WLS(positions, np.ones(len(people)), weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": np.array(people, dtype=int), "use_correction": False}
    )
    variance = (32 * 32 * fitted.bse[0] ** 2 + 3 * 1250 + 32 * 3 / 35 * (fitted.params[0] - 50) ** 2) / 35
    middle, half = (32 * fitted.params[0] + 150) / 35, 1.959964 * math.sqrt(variance / 35)
    assert (line.whole.interval.low, line.whole.interval.high) == pytest.approx(
        (middle - half, middle + half), abs=2e-3
    )


def test_the_page_and_c3_say_these_figures(
    ratings: list[tuple[str, float]], people: People, client_of: Callable[..., Client]
) -> None:
    # Nothing is asked of a period before an organization's first targets.
    Targets.objects.update(effective_from=QUARTER.first)
    found = outcome_of(assertions["c3"], ask(QUARTER), {})
    assert (found.result.value, found.value, found.denominator) == ("met", "75.4 %", 2514)
    assert found.detail.endswith(
        "the only question: 32 people, 95 % interval 67.8 to 78.7; response rate not known: no survey with people asked is recorded"
    )
    wave = SurveyWave.objects.get(title="Members asked in autumn")
    wave.asked = 128
    wave.save()
    found = outcome_of(assertions["c3"], ask(QUARTER), {})
    assert found.detail.endswith("response rate 25 %, 32 of 128 people asked")
    html = client_of(people.quality_manager).get("/o/acme/satisfaction/?period=2015-Q4").content.decode()
    for said in ("75.4", "67.8 to 78.7", "32 people, 2,514 answers", "25 %, 32 of 128 people asked"):
        assert said in html, said
    wave.asked = 31
    wave.save()
    assert outcome_of(assertions["c3"], ask(QUARTER), {}).result.value == "attention"


def test_complaints_are_no_answers_to_a_survey() -> None:
    run_import("feedback", DATA / COMCAST, COMCAST_MAPPING, skip_invalid=True)
    assert FeedbackItem.objects.count() > 2000
    period = Period(date(2015, 4, 1), date(2015, 6, 30))
    assert outcome_of(assertions["c3"], ask(period), {}).result.value == "no evidence"
