"""Charts of the report, as Vega-Lite specifications that `typesetting.charts` draws as SVG.

They show the same values as the tables beside them. The fills differ in lightness, so they can be told apart in grey;
each bar and line is also labelled with its value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from packs.contents import Assertion, Result, TrendPoint

Spec = dict[str, Any]

WIDTH = 470  # points across the text of an A4 page, less the room of labels
IN_A_ROW = 4  # small charts side by side
INK, ACCENT, SOFT, HAIRLINE = "#1d2433", "#1b4fa8", "#5f6a7c", "#d9dde5"
FILLS: dict[Result, tuple[str, str]] = {  # fill and the colour of the number on it
    "met": ("#2f7d55", "#ffffff"),
    "attention": ("#f2cf7a", INK),
    "gap": ("#8f1f1b", "#ffffff"),
    "no evidence": ("#ffffff", INK),
    "not applicable": ("#dfe3ea", INK),
}
BELOW_OR_ABOVE = {"expr": "datum.share < 30 ? -9 : 11"}  # the number of a point: where the axis is not
CONFIG: Spec = {
    "font": "Noto Sans",
    "view": {"stroke": None},
    "axis": {
        "labelColor": SOFT,
        "labelFontSize": 9,
        "titleFontSize": 9,
        "titleFontWeight": "normal",
        "titleColor": SOFT,
        "gridColor": HAIRLINE,
        "domainColor": HAIRLINE,
        "tickColor": HAIRLINE,
    },
    "legend": {"labelFontSize": 9, "labelColor": INK, "symbolType": "square", "symbolStrokeWidth": 0.8},
    "header": {"labelFontSize": 9, "labelColor": INK, "labelFontWeight": "bold"},
}


def results(counts: Mapping[str, Mapping[Result, int]], words: Mapping[Result, str]) -> Spec:
    """Return bars of how many statements of each sub-clause had which result.

    `counts` is sub-clause → result → number, `words` the results in the reader's language, in the order of the bars.
    """
    values = [
        {"sub_clause": letter, "result": words[result], "order": order, "count": found[result]}
        for letter, found in counts.items()
        for order, result in enumerate(words)
        if found.get(result)
    ]
    scale = {"domain": list(words.values()), "range": [FILLS[result][0] for result in words]}
    on_fill = {"domain": list(words.values()), "range": [FILLS[result][1] for result in words]}
    number = {"field": "count", "type": "quantitative", "stack": "zero", "axis": None}
    bars = {
        "mark": {"type": "bar", "stroke": INK, "strokeWidth": 0.6, "height": 17},
        "encoding": {
            "x": number,
            "color": {
                "field": "result",
                "type": "nominal",
                "scale": scale,
                "legend": {"orient": "bottom", "title": None},
            },
        },
    }
    numbers = {
        "mark": {"type": "text", "fontSize": 10, "fontWeight": "bold"},
        "encoding": {
            "x": {**number, "bandPosition": 0.5},
            "text": {"field": "count"},
            "color": {"field": "result", "type": "nominal", "scale": on_fill, "legend": None},
        },
    }
    letters = {"labelFontSize": 11, "labelFontWeight": "bold", "labelColor": ACCENT, "title": None, "ticks": False}
    return {
        "data": {"values": values},
        "width": WIDTH,
        "height": {"step": 25},
        "encoding": {
            "y": {"field": "sub_clause", "type": "nominal", "axis": {**letters, "domain": False, "labelPadding": 8}},
            "order": {"field": "order", "type": "quantitative"},
        },
        "layer": [bars, numbers],
        "resolve": {"scale": {"color": "independent"}},
        "config": CONFIG,
    }


def has_trend(assertion: Assertion) -> bool:
    """Say whether an assertion has a past to draw: two shares or more."""
    return len(_shares(assertion.get("trend", ()))) > 1


def ends(assertion: Assertion) -> dict[str, str]:
    """Return the first and the last share of a trend, for its description in words."""
    shares = _shares(assertion["trend"])
    (start, first), (end, last) = shares[0], shares[-1]
    return {"code": assertion["code"], "start": start, "first": f"{first:.1f}", "end": end, "last": f"{last:.1f}"}


def trends(assertions: Sequence[Assertion]) -> Spec:
    """Return one small line chart for each assertion with a trend.

    It shows the assertion's share in per cent, the last one also as a number.
    """
    drawn = [assertion for assertion in assertions if has_trend(assertion)]
    values = [value for assertion in drawn for value in _trend_values(assertion)]
    days = [value["date"] for value in values]
    # In UTC, so that a day is the same day on every machine.
    time = {"field": "date", "type": "temporal", "scale": {"type": "utc"}}
    ends_only = {
        "values": [min(days), max(days)],
        "format": "%Y-%m-%d",
        "labelFlush": True,
        "labelFontSize": 8,
        "grid": False,
        "title": None,
    }
    share = {"field": "share", "type": "quantitative", "scale": {"domain": [0, 100]}}
    last = [{"filter": "datum.last"}]
    return {
        "data": {"values": values},
        "facet": {"field": "code", "type": "nominal", "sort": [item["code"] for item in drawn], "title": None},
        "columns": IN_A_ROW,
        "spec": {
            "width": WIDTH / IN_A_ROW - 20,
            "height": 42,
            "encoding": {"x": time | {"axis": ends_only}, "y": share | {"axis": {"title": None, "tickCount": 3}}},
            "layer": [
                {"mark": {"type": "line", "color": ACCENT, "strokeWidth": 1.6}},
                {"mark": {"type": "point", "filled": True, "size": 22, "color": ACCENT}, "transform": last},
                {
                    "mark": {"type": "text", "align": "right", "dy": BELOW_OR_ABOVE, "fontSize": 9, "color": INK},
                    "encoding": {"text": {"field": "label"}},
                    "transform": last,
                },
            ],
        },
        "spacing": 10,
        "config": CONFIG,
    }


def _trend_values(assertion: Assertion) -> list[dict[str, Any]]:
    shares = _shares(assertion["trend"])
    return [
        {
            "code": assertion["code"],
            "date": day,
            "share": share,
            "label": f"{share:.1f} %",
            "last": day == shares[-1][0],
        }
        for day, share in shares
    ]


def _shares(trend: Sequence[TrendPoint]) -> list[tuple[str, float]]:
    """Return date and per cent of the points that are shares."""
    return [
        (point["date"], round(100 * point["numerator"] / point["denominator"], 4))
        for point in trend
        if point["numerator"] is not None and point["denominator"]
    ]
