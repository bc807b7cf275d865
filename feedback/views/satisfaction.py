"""The satisfaction page: scores by question and segment, response rates, a trend, who is silent, what customers speak of."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from clauses import periods
from clauses.addresses import rows_url
from clauses.assertion import Counts, Judgement, Period, Question, assertions
from clauses.evaluation import ask, current_evaluation
from clauses.periods import asked_about
from clauses.selections import period_of
from feedback import scores
from feedback.chart import Trend, name_of, trend_of
from feedback.filters import FeedbackFilter
from feedback.models import FeedbackItem
from feedback.registers import feedback, surveys
from feedback.respondents import Instrument
from feedback.response_rates import Response, population_of, responses, waves_of
from feedback.score_judgement import judge_lines
from feedback.score_table import score_table
from feedback.silence import key_customers, silent_key_customers
from feedback.views import tiles
from organizations.access import OrganizationView, allowed
from organizations.request import OrganizationRequest
from organizations.roles import Action

#: Months that the trend shows.
MONTHS = 24
#: Lines of each small table, and columns beside that of all.
LINES, COLUMNS = 10, 4


class Satisfaction(OrganizationView, TemplateView):
    """The scores of a period and of the months up to it.

    Narrowed by the same filters as the list of feedback; ``MONTHS`` of them are shown.
    """

    action, subject, sub_clauses = Action.VIEW, "feedback", "c"
    template_name = "feedback/satisfaction.html"
    request: OrganizationRequest

    @cached_property
    def period(self) -> Period:
        return period_of(self.request.GET)

    @cached_property
    def question(self) -> Question:
        return ask(self.period)

    @cached_property
    def fewest(self) -> int:
        """The people from whom on a score is judged."""
        return scores.fewest_people(self.question.targets)

    @cached_property
    def counted(self) -> dict[str, str]:
        """What an address says so that it opens the rows that counted when the period ended, where it has."""
        is_past = self.question.until and not self.request.GET.get("archived")
        return {"counted": f"{self.question.day:%Y-%m-%d}"} if is_past else {}

    @cached_property
    def between(self) -> tuple[datetime, datetime]:
        """The moments between which the period lies, as far as it is over: those of c3."""
        return asked_about(self.question)

    @cached_property
    def rows(self) -> Any:
        """The feedback that the filters leave, as it counted on the day that is judged; none where a filter isn't valid."""
        data = self.request.GET.copy()
        data.update(self.counted)
        found = FeedbackFilter(data, queryset=feedback.rows(), request=self.request)
        if not found.is_valid():
            return FeedbackItem.objects.none() if self.request.GET else feedback.rows().current(self.question.until)
        return found.qs.current(self.question.until) if self.counted else found.qs

    @cached_property
    def in_period(self) -> Any:
        """The scores of the period, from every source."""
        return self.rows.scored().between(*self.between)

    @cached_property
    def lines(self) -> list[scores.Line]:
        """The questions of the period's surveys."""
        return scores.by_segment(self.in_period.survey_answers(), self.fewest)

    @cached_property
    def responses(self) -> list[Response]:
        """The surveys of the period, with who answered."""
        waves = waves_of(self.question, self.request.GET.get("segment", ""))
        return responses(waves, self.between[1])

    def address(self, **changes: str) -> str:
        """Return this page's address under other filters; an empty text takes one away."""
        wanted = {name: value for name, value in (self.request.GET.dict() | changes).items() if value}
        return f"{self.request.path}?{urlencode(wanted)}"

    def rows_address(self, period: Period, **changes: str) -> str:
        """Return the list of the scored feedback of a period under this page's filters."""
        days = {
            "collected_at_after": f"{period.first:%Y-%m-%d}",
            "collected_at_before": f"{min(period.last, self.question.day):%Y-%m-%d}",
            "scored": "yes",
        }
        kept = {name: value for name, value in self.request.GET.items() if name != "period" and value}
        return f"{feedback.url('list')}?{urlencode(kept | days | self.counted | changes)}"

    def answers_address(self, period: Period, instrument: Instrument, **changes: str) -> str:
        """Return the list of the survey answers to one question in a period."""
        # A question without words can't be asked for: the list narrows by its scale.
        asked = {"question": instrument.question} if instrument.question else {}
        return self.rows_address(period, source="survey", scale=instrument.scale_code, **(asked | changes))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        judged, instrument = self._judged(), self._instrument()
        trend = self._trend(instrument)
        return super().get_context_data(**kwargs) | {
            "title": _("Satisfaction, %(period)s") % {"period": periods.in_words(self.period)},
            "period_choices": self._period_choices(),
            "chips": [
                {"label": f"{_label_of(name)}: {value}", "url": self.address(**{name: ""})}
                for name, value in self._filters().items()
            ],
            "clear_url": f"{self.request.path}?{urlencode({'period': periods.code(self.period)})}",
            "judged": judged,
            "tone": tiles.TONES[judged.result],
            "has_score": any(line.whole.is_enough for line in self.lines),
            "tiles": self._tiles(judged),
            "elsewhere": None if self.lines else self._elsewhere(),
            "fewest": self.fewest,
            "tables": self._tables(),
            "responses": self.responses,
            "new_survey_url": surveys.url("create") if allowed(self.request, Action.ADD, "surveys") else "",
            "trend": trend,
            "trend_of": instrument,
            "trend_rows": self._trend_rows(trend, instrument) if instrument else [],
            "trend_choices": self._trend_choices(instrument),
            "themes": scores.by_theme(self.rows.between(*self.between), LINES),
            "silent": self._silent(),
        }

    def _filters(self) -> dict[str, str]:
        said = {name: self.request.GET.getlist(name)[-1] for name in self.request.GET}
        return {name: value for name, value in said.items() if name in FeedbackFilter.get_filters() and value}

    def _period_choices(self) -> list[dict[str, Any]]:
        offered = periods.quarters(self.request.organization.today())
        if self.period not in offered:
            offered.append(self.period)
        return [
            {
                "label": periods.in_words(each),
                "url": self.address(period=periods.code(each)),
                "current": each == self.period,
            }
            for each in offered
        ]

    def _judged(self) -> Judgement:
        """Return what c3 says of the rows that the filters leave."""
        rows = self.in_period.survey_answers()
        return judge_lines(self.question, Counts(rows.count(), rows.low().count(), 0), self.lines, self.responses)

    def _tiles(self, judged: Judgement) -> list[dict[str, Any]]:
        """Return the figures on top; of key customers and complaints what the overview says, the same evaluation."""
        outcomes = {outcome.code: outcome for outcome in current_evaluation(self.period).outcomes}
        segment = self.request.GET.get("segment", "")
        asked = next((line for line in self.lines if line.promoters), None)
        recommended = self.answers_address(self.period, asked.instrument, scored="nps") if asked else ""
        return [
            tiles.score_tile(judged, self.rows_address(self.period, source="survey") if self.lines else ""),
            tiles.rate_tile(self.responses, population_of(segment, self.question.until)),
            tiles.promoters_tile(asked, recommended),
            *(tiles.outcome_tile(outcomes[code], self.period) for code in ("c2", "c5")),
        ]

    @cached_property
    def _latest(self) -> FeedbackItem | None:
        """The newest score of a survey that there is."""
        latest: FeedbackItem | None = self.rows.survey_answers().scored().order_by("-collected_at").first()
        return latest

    def _elsewhere(self) -> dict[str, str] | None:
        """Return the last period that has a score, to lead there from one without."""
        if self._latest is None:
            return None
        period = periods.quarter_of(self._latest.collected_at.astimezone(self.request.organization.zone).date())
        return {"label": periods.in_words(period), "url": self.address(period=periods.code(period))}

    def _instrument(self) -> Instrument | None:
        """Return the question whose trend is drawn: the period's with most people, else the last that was asked."""
        if self.lines:
            return self.lines[0].instrument
        latest = self._latest
        if latest is None or latest.scale_min is None or latest.scale_max is None:
            return None
        return Instrument(latest.question, latest.scale_min, latest.scale_max, latest.higher_is_better)

    def _trend(self, instrument: Instrument | None) -> Trend:
        rows = self.rows.survey_answers()
        if instrument:
            rows = rows.filter(
                question__iexact=instrument.question,
                scale_min=instrument.lowest,
                scale_max=instrument.highest,
                higher_is_better=instrument.higher_is_better,
            )
        months = scores.by_month(rows, self.question.day, MONTHS, self.request.organization.zone, self.fewest)
        return trend_of(months, float(self.question.targets.satisfaction_target), self.question.day)

    def _trend_choices(self, shown: Instrument | None) -> list[dict[str, str]]:
        return [
            {"name": line.instrument.question or _("not given"), "url": self._question_address(line.instrument)}
            for line in self.lines[:LINES]
            if line.instrument != shown
        ]

    def _question_address(self, instrument: Instrument) -> str:
        asked = {"question": instrument.question} if instrument.question else {}
        return self.address(scale=instrument.scale_code, **asked)

    def _trend_rows(self, trend: Trend, instrument: Instrument) -> list[dict[str, Any]]:
        """Return the table behind the chart, newest month first."""
        rows = []
        for index, month in enumerate(trend.months):
            days = Period(month.first, month.last)
            rows.append(
                {
                    "name": name_of(month.first, self.question.day),
                    "score": month.score,
                    "signal": trend.signals.get(index, ""),
                    "url": self.answers_address(days, instrument) if month.score.n else "",
                }
            )
        return rows[::-1]

    def _tables(self) -> list[dict[str, Any]]:
        """Return the scores of the period: of surveys by segment and product, and grades from other sources."""
        products = scores.by(self.in_period.survey_answers(), "product", self.fewest)
        others = scores.by(self.in_period.exclude(source="survey"), "source", self.fewest)
        sources = dict(FeedbackItem.Source.choices)
        tables = [
            (_("What people said, by question and segment"), self.lines, "segment", None, _("Segment")),
            (_("By product or service"), products, "product", None, ""),
            (_("Grades from other sources, no answers to a survey"), others, "source", sources, ""),
        ]
        return [
            {"title": title, "table": self._table(lines, name, labels)}
            for title, lines, name, labels, always in tables
            if always or any(key for line in lines for key in line.parts)
        ]

    def _table(self, lines: list[scores.Line], name: str, labels: Any) -> Any:
        def rows(instrument: Instrument, part: str, promoters: bool) -> str:
            changes = ({name: part} if part else {}) | ({"scored": "nps"} if promoters else {})
            if name == "source":
                asked = {"question": instrument.question} if instrument.question else {}
                return self.rows_address(self.period, scale=instrument.scale_code, **(asked | changes)) if part else ""
            return self.answers_address(self.period, instrument, **changes)

        page = (lambda instrument: "") if name == "source" else self._question_address
        return score_table(lines, self.question.targets, rows, page, labels=labels or {}, rows=LINES, columns=COLUMNS)

    def _silent(self) -> dict[str, Any]:
        """Return key customers not heard in the period, with the day they were last heard before its end."""
        shown = list(silent_key_customers(self.question)[: LINES + 1])
        more = rows_url(assertions["c2"], self.period) if len(shown) > LINES else ""
        return {"customers": shown[:LINES], "more_url": more, "key_customers": key_customers(self.question)}


def _label_of(name: str) -> str:
    """Return what a filter is called: by itself, or as the field that it narrows by."""
    label = FeedbackFilter.get_filters()[name].label
    return str(capfirst(label) if label else feedback.bound[name].label)
