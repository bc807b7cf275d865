"""The scale: its versions, what they refuse, the default, and the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from organizations.models import Organization
from risks.models import Band, Grid, Scale
from risks.models.scale import (
    bands_problem,
    default_scale,
    ensure_scale,
    scale_on,
    scales_for,
)
from tests.people import People

BANDS = [{"name": "Low", "tone": "met", "from": 1}, {"name": "High", "tone": "gap", "from": 10}]


def test_a_version_is_in_force_until_the_next_one_begins(make_scale: Callable[..., Scale]) -> None:
    first, second = make_scale(date(2024, 1, 1)), make_scale(date(2025, 7, 1), appetite=6)
    assert Scale.objects.in_force(date(2025, 6, 30)) == first
    assert Scale.objects.in_force(date(2025, 7, 1)) == second


def test_before_the_first_version_the_first_one_counts(make_scale: Callable[..., Scale]) -> None:
    first = make_scale(date(2024, 1, 1))
    assert Scale.objects.in_force(date(2019, 1, 1)) == first


def test_several_days_are_looked_up_at_once(make_scale: Callable[..., Scale], django_assert_num_queries: Any) -> None:
    first, second = make_scale(date(2024, 1, 1)), make_scale(date(2025, 7, 1), appetite=6)
    days = [date(2019, 1, 1), date(2025, 6, 30), date(2025, 7, 1), date(2026, 1, 1)]
    with django_assert_num_queries(1):
        assert list(scales_for(days).values()) == [first, first, second, second]


def test_showing_the_default_scale_writes_nothing(inside: Organization, today: date) -> None:
    assert scale_on(today).pk is None
    assert not Scale.objects.exists()


def test_the_default_scale_is_valid_and_written_once(inside: Organization, today: date) -> None:
    default_scale(today).full_clean(exclude=["organization"])
    assert ensure_scale(today) == ensure_scale(today + timedelta(days=40))
    assert Scale.objects.count() == 1


def test_a_version_is_never_changed(make_scale: Callable[..., Scale]) -> None:
    scale = make_scale()
    scale.appetite = 25
    with pytest.raises(TypeError, match="never changed"):
        scale.save()


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"likelihood_levels": ["Only one"]}, "likelihood_levels", "2 to 10 levels"),
        ({"consequence_levels": [f"Level {n}" for n in range(11)]}, "consequence_levels", "2 to 10 levels"),
        ({"benefit_levels": ["Low", "Low"]}, "benefit_levels", "same name"),
        ({"likelihood_levels": "Low, high"}, "likelihood_levels", "one a line"),
        ({"consequence_levels": ["Low", "x" * 61]}, "consequence_levels", "60 letters"),
        ({"bands": []}, "bands", "needs a name"),
        ({"bands": [{"name": "Low", "tone": "pink", "from": 1}]}, "bands", "needs a name"),
        ({"bands": [{"name": "Low", "tone": "met", "from": 2}]}, "bands", "begins at 1"),
        ({"bands": [BANDS[0], BANDS[1], {"name": "Worse", "tone": "gap", "from": 10}]}, "bands", "higher score"),
        (
            {"bands": [BANDS[0], {"name": "High", "tone": "gap", "from": 26}]},
            "bands",
            "highest score of this scale is 25",
        ),
        (
            {"opportunity_bands": [BANDS[0], {"name": "Low", "tone": "gap", "from": 9}]},
            "opportunity_bands",
            "same name",
        ),
        ({"appetite": 26}, "appetite", "highest score of this scale is 25"),
    ],
)
def test_a_scale_that_makes_no_sense_is_refused(
    inside: Organization, today: date, values: dict[str, Any], field: str, words: str
) -> None:
    scale = default_scale(today)
    for name, value in values.items():
        setattr(scale, name, value)
    with pytest.raises(ValidationError) as refused:
        scale.clean()
    assert list(refused.value.message_dict) == [field]
    assert words in refused.value.message_dict[field][0]


@given(st.lists(st.integers(2, 100), max_size=5, unique=True).map(sorted), st.integers(1, 100))
def test_every_score_has_the_last_band_that_begins_by_it(starts: list[int], score: int) -> None:
    bands = tuple(Band(f"From {start}", "met", start) for start in [1, *starts])
    assert bands_problem([{"name": band.name, "tone": band.tone, "from": band.start} for band in bands], 100) == ""
    assert Grid(("a", "b"), ("a", "b"), bands).band(score).start == max(
        start for start in [1, *starts] if start <= score
    )


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(client_of: Any, people: People) -> Client:
    client: Client = client_of(people.administrator)
    return client


def filled(scale: Scale, **changes: str) -> dict[str, str]:
    """What the form sends for a scale."""
    values = {
        "effective_from": f"{scale.effective_from:%Y-%m-%d}",
        "appetite": f"{scale.appetite}",
        "reason": "Reviewed",
        **{
            name: "\r\n".join(getattr(scale, name))
            for name in ("likelihood_levels", "consequence_levels", "benefit_levels")
        },
    }
    for name in ("bands", "opportunity_bands"):
        for line in range(6):
            band = dict(enumerate(getattr(scale, name))).get(line, {"from": "", "name": "", "tone": "neutral"})
            values |= {
                f"{name}_{3 * line}": f"{band['from']}",
                f"{name}_{3 * line + 1}": band["name"],
                f"{name}_{3 * line + 2}": band["tone"],
            }
    return values | changes


def test_the_administrator_sets_the_first_scale(inside: Organization, administrator: Client, today: date) -> None:
    assert "None is set yet" in administrator.get("/o/acme/scale/").content.decode()
    answer = administrator.post("/o/acme/scale/new/", filled(default_scale(today), appetite="6", bands_1="Tiny"))
    assert answer.status_code == 302
    scale = Scale.objects.get()
    assert (scale.appetite, scale.bands[0], scale.likelihood_levels[4]) == (
        6,
        {"name": "Tiny", "tone": "met", "from": 1},
        "Almost certain",
    )
    assert "Almost certain" in administrator.get("/o/acme/scale/").content.decode()


def test_the_form_begins_from_the_scale_in_force(
    inside: Organization, administrator: Client, make_scale: Callable[..., Scale]
) -> None:
    make_scale(appetite=7)
    page = administrator.get("/o/acme/scale/new/")
    assert page.context["form"]["appetite"].value() == 7
    assert 'value="Very high"' in page.content.decode()


def test_a_new_version_begins_after_the_last(
    inside: Organization, administrator: Client, make_scale: Callable[..., Scale], today: date
) -> None:
    make_scale(today)
    answer = administrator.post("/o/acme/scale/new/", filled(default_scale(today)))
    assert answer.status_code == 422
    assert "Choose a later day" in answer.context["form"].errors["effective_from"][0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"bands_0": ""}, "bands"),
        ({"appetite": "99"}, "appetite"),
        ({"benefit_levels": "One"}, "benefit_levels"),
        ({"bands_3": "99"}, "bands"),
    ],
)
def test_the_form_says_what_is_wrong(
    inside: Organization, administrator: Client, today: date, changes: dict[str, str], field: str
) -> None:
    answer = administrator.post("/o/acme/scale/new/", filled(default_scale(today), **changes))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Scale.objects.exists()


@pytest.mark.parametrize("person", ["quality_manager", "contributor", "top_management", "auditor"])
def test_only_the_administrator_sets_the_scale(
    inside: Organization, client_of: Any, people: People, person: str
) -> None:
    assert client_of(people[person]).get("/o/acme/scale/new/").status_code == 403
