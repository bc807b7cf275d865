"""Charts of the report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from packs.contents import Result
from packs.report import charts
from tests.packs.samples import assertion, trend
from typesetting.charts import render_svg

PROJECT = Path(__file__).resolve().parents[2]
WORDS: dict[Result, str] = {
    "met": "Met",
    "attention": "Attention",
    "gap": "Gap",
    "no evidence": "No evidence",
    "not applicable": "Not applicable",
}
COUNTS: dict[str, dict[Result, int]] = {"a": {"met": 5, "gap": 2}, "b": {"no evidence": 3}}


def lightness(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_results_chart_writes_the_counts_on_the_bars() -> None:
    assert {"5", "2", "3", "a", "b"} <= set(texts(render_svg(charts.results(COUNTS, WORDS))))


def test_results_chart_names_the_results() -> None:
    assert set(WORDS.values()) <= set(texts(render_svg(charts.results(COUNTS, WORDS))))


def test_fills_can_be_told_apart_in_grey() -> None:
    shades = sorted(lightness(fill) for fill, _ in charts.FILLS.values())
    assert min(after - before for before, after in pairwise(shades)) > 0.07


def test_numbers_on_fills_can_be_read() -> None:
    for fill, ink in charts.FILLS.values():
        darker, lighter = sorted((lightness(fill), lightness(ink)))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_trend_is_drawn_with_its_last_value() -> None:
    drawn = texts(render_svg(charts.trends([assertion("a2", "determined", "gap", (1, 3), trend=trend(95, 33))])))
    assert {"a2", "33.0 %"} <= set(drawn)


def test_one_point_is_no_trend() -> None:
    single = trend(80, 90)[:1]
    assert not charts.has_trend(assertion("a1", "determined", "met", trend=single))
    assert charts.has_trend(assertion("a1", "determined", "met", trend=trend(80, 90)))


def test_points_without_a_share_are_left_out() -> None:
    points = [{"date": "2026-01-01", "numerator": None, "denominator": None, "result": "no evidence"}] * 3
    assert not charts.has_trend(assertion("c3", "listening", "met", trend=points))


def test_the_same_values_give_the_same_drawing() -> None:
    assert render_svg(charts.results(COUNTS, WORDS)) == render_svg(charts.results(COUNTS, WORDS))


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland"])
def test_drawing_does_not_depend_on_the_machines_time_zone(zone: str) -> None:
    spec = charts.trends([assertion("a2", "determined", "gap", (1, 3), trend=trend(95, 33))])
    code = "import json, sys; from typesetting.charts import render_svg; sys.stdout.write(render_svg(json.load(sys.stdin)))"
    command, env = [sys.executable, "-c", code], {**os.environ, "TZ": zone}
    done = subprocess.run(command, input=json.dumps(spec), env=env, cwd=PROJECT, capture_output=True, text=True)
    assert done.stdout == render_svg(spec), done.stderr
