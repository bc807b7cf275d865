"""What is drawn without a template: rows of lists, and the inputs of forms."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from hypothesis import given
from hypothesis import strategies as st

from customerfocus.form_renderer import Renderer
from registers.lists.filters import DayRange
from registers.lists.html import render_filter, render_heading, render_row, render_unopened
from registers.lists.menus import Menu
from registers.lists.tables import Cell, Heading, Row

HOSTILE = """</td></tr><script>alert('1')</script>" onclick='x' &amp; {{ x }}"""
TEXTS = st.one_of(st.just(HOSTILE), st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"))))


class Reader(HTMLParser):
    """What a browser makes of a text: its elements with their attributes, in any order, and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Any] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, sorted(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())

    def attributes(self, tag: str) -> dict[str, Any]:
        """Those of the first element of a kind."""
        return dict(next(found[1] for found in self.found if found[0] == tag))


@given(text=TEXTS, title=TEXTS, url=TEXTS, kind=st.sampled_from(["reference", "badge", "text", "record", "longtext"]))
def test_whatever_a_cell_holds_is_text(text: str, title: str, url: str, kind: str) -> None:
    cell = Cell(kind, text, url=url, tone="met", title=title, label=title)
    row = Row(None, url, text, archived=True, cells=(cell,), revision=3, pick="bulk")  # type: ignore[arg-type]
    read = Reader(render_row(row))
    allowed = {"tr", "td", "th", "label", "input", "span", "a", "svg", "use"}
    assert {found[0] for found in read.found if isinstance(found, tuple)} <= allowed
    assert read.attributes("tr").get("data-href", "") == url
    assert read.attributes("input")["value"] == text
    assert "onclick" not in {name for found in read.found if isinstance(found, tuple) for name, _ in found[1]}
    assert not text.strip() or text.strip() in read.found


@given(label=TEXTS, url=TEXTS, shift=TEXTS)
def test_a_head_holds_its_label_and_where_it_leads(label: str, url: str, shift: str) -> None:
    heading = Heading("title", label, "text", "start", sort_url=url, add_url=shift, sorted="desc", rank=2)
    read = Reader(render_heading(heading))
    assert {found[0] for found in read.found if isinstance(found, tuple)} <= {"th", "a", "svg", "use", "span"}
    assert read.attributes("th")["aria-sort"] == "descending"
    if url:
        link = read.attributes("a")
        assert (link["href"], link["hx-get"], link.get("data-shift", "")) == (url, url, shift)
        assert read.found[-3:] == ["2", "/span", "/a"] or read.found[-4:-1] == ["2", "/span", "/a"]


def test_a_column_that_sorts_nothing_has_no_link() -> None:
    assert render_heading(Heading("state", "State", "badge", "start")) == (
        '<th scope="col" data-column="state" class="cf-start cf-col-badge">State</th>'
    )


@given(name=TEXTS, value=TEXTS, url=TEXTS, link=TEXTS)
def test_a_menu_nobody_opened_sends_what_its_filters_say_and_leads_on(
    name: str, value: str, url: str, link: str
) -> None:
    read = Reader(render_unopened(Menu("filter-kind", "Kind", link, ("kind",), ((name, value),)), url))
    assert [found[0] for found in read.found if isinstance(found, tuple)] == ["div", "input", "a"]
    assert read.attributes("input") == {"type": "hidden", "name": name, "value": value}
    assert (read.attributes("a")["href"], read.attributes("a")["hx-get"]) == (f"{url}#filter-kind", url)
    assert read.attributes("div")["hx-headers"] == '{"List-Menu": "filter-kind"}'


def test_tags_stand_beside_each_other_each_escaped() -> None:
    row = Row(None, "", "", archived=False, cells=(Cell("tags", "<b>; c"), Cell("tags", "")))  # type: ignore[arg-type]
    assert render_row(row).count('<span class="cf-tag">') == 2
    assert "&lt;b&gt;" in render_row(row)
    assert ">–</td>" in render_row(row)


class Form(forms.Form):
    """Every input that is drawn without a template."""

    text = forms.CharField(help_text="Help", initial=HOSTILE)
    empty = forms.CharField(required=False, max_length=3)
    number = forms.IntegerField(initial=3, min_value=1)
    day = forms.DateField(widget=forms.DateInput({"type": "date", "data-x": HOSTILE}))
    mail = forms.EmailField()
    address = forms.URLField(assume_scheme="https")
    hidden = forms.CharField(widget=forms.HiddenInput, initial=HOSTILE)
    choice = forms.ChoiceField(choices=[("", "---"), (1, "One"), (HOSTILE, HOSTILE)], initial=HOSTILE)
    groups = forms.ChoiceField(choices=[(HOSTILE, [("a", "A"), ("b", "B")]), ("c", "C")], initial="b", disabled=True)
    several = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")], initial=["a", "b"], widget=forms.SelectMultiple
    )


@pytest.mark.parametrize("name", list(Form.base_fields))
@pytest.mark.parametrize("data", [None, {"text": "", "choice": "1", "number": "x"}], ids=["new", "sent"])
def test_inputs_are_what_djangos_templates_draw(name: str, data: dict[str, str] | None) -> None:
    ours, theirs = (
        Reader(str(Form(data, renderer=renderer)[name])).found for renderer in (Renderer(), TemplatesSetting())
    )
    assert ours == theirs


class Filters(forms.Form):
    """A filter of each look."""

    text = forms.CharField(label=HOSTILE, help_text=HOSTILE)
    days = DayRange(label=HOSTILE, required=False)
    boxes = forms.MultipleChoiceField(label=HOSTILE, choices=[("a", HOSTILE)], widget=forms.CheckboxSelectMultiple)


@pytest.mark.parametrize("name", list(Filters.base_fields))
def test_whatever_a_filter_is_sent_is_text_beside_its_error(name: str) -> None:
    sent = {"text": HOSTILE, "days_after": HOSTILE, "days_before": "2026-01-01", "boxes": HOSTILE}
    read = Reader(render_filter(Filters(sent)[name]))
    tags = {found[0]: dict(found[1]) for found in read.found if isinstance(found, tuple)}
    assert tags.keys() <= {"div", "p", "label", "span", "input", "ul", "li"}
    assert read.attributes("div")["aria-label"] == HOSTILE
    assert not any("onclick" in attributes for attributes in tags.values())
    assert name == "text" or "ul" in tags


def test_a_range_shows_both_its_ends() -> None:
    read = Reader(render_filter(Filters({"days_after": HOSTILE, "days_before": "2026-01-01"})["days"]))
    inputs = [dict(found[1]) for found in read.found if isinstance(found, tuple) and found[0] == "input"]
    assert [(each["type"], each["name"], each["value"]) for each in inputs] == [
        ("date", "days_after", HOSTILE),
        ("date", "days_before", "2026-01-01"),
    ]
