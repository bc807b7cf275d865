"""Response rates: the people who answered a survey, of those that it asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from clauses.assertion import Terms
from clauses.periods import asked_about
from feedback.models import FeedbackItem, SatisfactionMethod, SurveyWave
from feedback.respondents import person_of


@dataclass(frozen=True)
class Response:
    """A survey, the people it asked (None: not recorded), and those of them who answered."""

    wave: SurveyWave
    asked: int | None
    answered: int

    @property
    def is_wrong(self) -> bool:
        """Whether more people answered than were asked: a number or a link is wrong."""
        return self.asked is not None and self.answered > self.asked

    @property
    def rate(self) -> float | None:
        """The share that answered, in per cent; None where it isn't known or can't be."""
        return None if self.asked is None or self.is_wrong else 100 * self.answered / self.asked

    @property
    def in_words(self) -> str:
        """The rate, or why there is none."""
        numbers = {"answered": f"{self.answered:,}", "asked": f"{self.asked or 0:,}"}
        if self.asked is None:
            return _("not known: the people asked are not recorded")
        if self.is_wrong:
            return (
                _(
                    "impossible: %(answered)s people answered and %(asked)s were asked; correct the number or the answers"
                )
                % numbers
            )
        return _("%(rate)s %%, %(answered)s of %(asked)s people asked") % (numbers | {"rate": f"{self.rate:.0f}"})


def waves_of(terms: Terms, segment: str = "") -> Any:
    """Return the surveys of a period: sent in it and not after the day that is judged, or answered in it."""
    start, end = asked_about(terms)
    answers = FeedbackItem.objects.current(terms.until).between(start, end).filter(wave=OuterRef("pk"))
    found = SurveyWave.objects.visible().current(terms.until)
    if segment:
        found = found.filter(Q(segment="") | Q(segment__iexact=segment))
    if terms.sites:
        found = found.filter(site__in=terms.sites)
    sent = Q(sent_on__range=(terms.period.first, terms.day))
    return found.filter(sent | Exists(answers)).order_by("sent_on", "pk")


def responses(waves: Iterable[SurveyWave], until: datetime) -> list[Response]:
    """Return how many people answered each survey up to a moment: one query.

    It counts the survey's people, whatever period is looked at. Answers that name nobody are people as far as they must
    be: as many as any one question got.
    """
    waves = list(waves)
    rows = FeedbackItem.objects.current(until).filter(wave__in=waves, collected_at__lt=until).order_by()
    named: defaultdict[int, set[Any]] = defaultdict(set)
    nameless: defaultdict[int, list[int]] = defaultdict(list)
    grouped = rows.values_list("wave_id", "question", "customer_id", "respondent").annotate(n=Count("pk"))
    for wave, _question, customer, respondent, n in grouped.iterator(chunk_size=5000):
        person = person_of(customer, wave, respondent)
        if person is None:
            nameless[wave].append(n)
        else:
            named[wave].add(person)
    return [Response(wave, wave.asked, len(named[wave.pk]) + max(nameless[wave.pk], default=0)) for wave in waves]


def population_of(segment: str = "", until: datetime | None = None) -> int | None:
    """Return the customers that the monitoring methods are for, of one segment or of all together; None: not recorded.

    With ``until``, by the methods that counted before that moment. Several methods for one segment share its population, so the largest of them counts.
    """
    methods = SatisfactionMethod.objects.visible().current(until)
    if segment:
        methods = methods.filter(segment__iexact=segment)
    populations: dict[str, int] = {}
    for name, population in methods.values_list("segment", "population_size"):
        populations[name.casefold()] = max(populations.get(name.casefold(), 0), population or 0)
    return sum(populations.values()) or None


def in_words(found: Sequence[Response]) -> str:
    """Return the response rates of a period's surveys in a phrase."""
    wrong = next((each for each in found if each.is_wrong), None)
    if wrong:
        return _("response rate of “%(wave)s” %(words)s") % {"wave": wrong.wave.title, "words": wrong.in_words}
    rates = [each for each in found if each.rate is not None]
    if not rates:
        return _("response rate not known: no survey with people asked is recorded")
    if len(rates) == 1:
        return _("response rate %(words)s") % {"words": rates[0].in_words}
    ends = sorted(each.rate or 0 for each in rates)
    return _("response rates %(low)s to %(high)s %% in %(count)s surveys") % {
        "low": f"{ends[0]:.0f}",
        "high": f"{ends[-1]:.0f}",
        "count": len(rates),
    }
