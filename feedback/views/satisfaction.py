"""The satisfaction page: scores, their trend, who is silent, and what customers speak of."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from clauses import periods
from clauses.addresses import rows_url
from clauses.assertion import Counts, Period, Question, Result, assertions
from clauses.evaluation import Outcome, ask, current_evaluation
from clauses.periods import bounds
from clauses.selections import period_of
from feedback import scores
from feedback.assertions import judge_score
from feedback.chart import Trend, name_of, trend_of
from feedback.filters import FeedbackFilter
from feedback.models import FeedbackItem
from feedback.registers import feedback
from feedback.response_rates import SurveyPopulation, survey_population
from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import Action

#: Months that the trend shows.
MONTHS = 24
#: Lines of each small table.
LINES = 10
TONES = {Result.MET: "met", Result.ATTENTION: "attention", Result.GAP: "gap", Result.NO_EVIDENCE: "none"}


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
    def rows(self) -> Any:
        """The feedback that the filters leave; none where a filter isn't valid."""
        found = FeedbackFilter(self.request.GET, queryset=feedback.rows(), request=self.request)
        return found.qs if found.is_valid() or not self.request.GET else FeedbackItem.objects.none()

    @cached_property
    def in_period(self) -> Any:
        return self.rows.scored().between(*bounds(self.period, self.request.organization.zone))

    def address(self, **changes: str) -> str:
        """Return this page's address under other filters; an empty text takes one away."""
        wanted = {name: value for name, value in (self.request.GET.dict() | changes).items() if value}
        return f"{self.request.path}?{urlencode(wanted)}"

    def rows_address(self, period: Period, **changes: str) -> str:
        """Return the list of the scored feedback of a period under this page's filters."""
        days = {
            "collected_at_after": f"{period.first:%Y-%m-%d}",
            "collected_at_before": f"{period.last:%Y-%m-%d}",
            "scored": "yes",
        }
        kept = {name: value for name, value in self.request.GET.items() if name != "period" and value}
        return f"{feedback.url('list')}?{urlencode(kept | days | changes)}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization, day = self.request.organization, self.question.day
        trend = trend_of(
            scores.by_month(self.rows, day, MONTHS, organization.zone),
            float(self.question.targets.satisfaction_target),
            day,
        )
        known = survey_population(self.request.GET.get("segment", ""))
        tiles = [self._score_tile(known), self._promoters_tile(), *self._outcome_tiles()]
        return super().get_context_data(**kwargs) | {
            "title": _("Satisfaction, %(period)s") % {"period": periods.in_words(self.period)},
            "period_choices": self._period_choices(),
            "chips": [
                {"label": f"{FeedbackFilter.get_filters()[name].label}: {value}", "url": self.address(**{name: ""})}
                for name, value in self._filters().items()
            ],
            "clear_url": f"{self.request.path}?{urlencode({'period': periods.code(self.period)})}",
            "tiles": tiles,
            "elsewhere": self._elsewhere() if not tiles[0]["n"] else None,
            "trend": trend,
            "trend_rows": self._trend_rows(trend),
            "tables": self._tables(known),
            "themes": scores.by_theme(self.rows.between(*bounds(self.period, organization.zone)), LINES),
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

    def _score_tile(self, known: SurveyPopulation) -> dict[str, Any]:
        low = self.in_period.low().count()
        judged = judge_score(self.question, Counts(self.in_period.count(), low, 0), lambda: self.in_period, known)
        return {
            "title": _("Score"),
            "value": judged.value,
            "note": judged.detail,
            "threshold": judged.threshold,
            "tone": TONES[judged.result],
            "result": judged.result.label,
            "url": self.rows_address(self.period),
            "n": judged.denominator,
        }

    def _promoters_tile(self) -> dict[str, Any]:
        asked, found = scores.promoters(self.in_period)
        tile = {"title": _("Net promoter score"), "tone": "", "url": self.rows_address(self.period, scored="nps")}
        if found is None:
            return tile | {"value": "–", "note": _("no answer to a recommendation question from 0 to 10"), "url": ""}
        interval = {"low": signed(found.interval.low), "high": signed(found.interval.high), "n": f"{asked:,}"}
        return tile | {
            "value": signed(found.score),
            "note": _("n %(n)s; 95 %% interval %(low)s to %(high)s") % interval,
        }

    def _outcome_tiles(self) -> list[dict[str, Any]]:
        """Return what the overview says of key customers and complaints: the same evaluation."""
        outcomes = {outcome.code: outcome for outcome in current_evaluation(self.period).outcomes}
        return [self._outcome_tile(outcomes[code]) for code in ("c2", "c5")]

    def _outcome_tile(self, outcome: Outcome) -> dict[str, Any]:
        url = rows_url(outcome.assertion, self.period, everything=outcome.exceptions == 0)
        return {
            "title": outcome.assertion.title,
            "value": outcome.value,
            "note": outcome.detail,
            "tone": TONES.get(outcome.result, ""),
            "result": outcome.result.label,
            "url": url,
        }

    def _elsewhere(self) -> dict[str, str] | None:
        """Return the last period that has a score, to lead there from one without."""
        latest = self.rows.scored().aggregate(at=Max("collected_at"))["at"]
        if latest is None:
            return None
        period = periods.quarter_of(latest.astimezone(self.request.organization.zone).date())
        return {"label": periods.in_words(period), "url": self.address(period=periods.code(period))}

    def _trend_rows(self, trend: Trend) -> list[dict[str, Any]]:
        """Return the table behind the chart, newest month first."""
        rows = []
        for index, month in enumerate(trend.months):
            days = Period(month.first, month.last)
            rows.append(
                {
                    "name": name_of(month.first, self.question.day),
                    "score": month.score,
                    "signal": trend.signals.get(index, ""),
                    "url": self.rows_address(days) if month.score.n else "",
                }
            )
        return rows[::-1]

    def _tables(self, known: SurveyPopulation) -> list[dict[str, Any]]:
        """Return the scores of the period by segment, question and product.

        Parts in which nothing is named are left out.
        """
        groups = {
            "segment": (_("By segment"), scores.by(self.in_period, "customer__segment", LINES)),
            "question": (_("By question"), scores.by_question(self.in_period, LINES)),
            "product": (_("By product or service"), scores.by(self.in_period, "product", LINES)),
        }
        return [
            {
                "title": title,
                "lines": [self._line(name, group) for group in found],
                "has_promoters": any(group.promoters for group in found),
            }
            for name, (title, found) in groups.items()
            if any(group.key for group in found)
        ]

    def _line(self, name: str, group: scores.Group) -> dict[str, Any]:
        return {
            "name": group.key or _("not given"),
            "scale": group.scale,
            "url": self.address(**{name: group.key}) if group.key else "",
            "score": group.score,
            "promoters": signed(group.promoters.score) if group.promoters else "",
            "rows_url": self.rows_address(self.period, **{name: group.key}) if group.key else "",
        }

    def _silent(self) -> dict[str, Any]:
        """Return key customers not heard in the period, with the day they were last heard."""
        c2 = assertions["c2"]
        heard = FeedbackItem.objects.current().filter(customer=OuterRef("pk")).order_by("-collected_at")
        found = (
            assertions["c2"]
            .failing(self.question)
            .annotate(last_heard=Subquery(heard.values("collected_at")[:1]))
            .order_by("last_heard", "name")
        )
        shown = list(found[: LINES + 1])
        return {"customers": shown[:LINES], "more_url": rows_url(c2, self.period) if len(shown) > LINES else ""}


def signed(share: float) -> str:
    """Return a net promoter score as it is usually written: ``+41``, ``−3``, ``0``."""
    points = round(100 * share)
    return f"{points:+d}".replace("-", "−") if points else "0"
