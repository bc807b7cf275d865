"""Questions about feedback, complaints, enhancements and the methods of listening."""

from __future__ import annotations

from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Self

from django.db.models import DateTimeField, Q, Value
from django.db.models.functions import Coalesce, Least

from registers.querysets import RecordQuerySet

#: The middle of every scale, in per cent of its width: below it an answer is rather bad than good.
MIDDLE = 50


class FeedbackQuerySet(RecordQuerySet):
    """Feedback of one organization."""

    def between(self, start: datetime, end: datetime) -> Self:
        """Return what was collected from a moment up to, but not at, another."""
        return self.filter(collected_at__gte=start, collected_at__lt=end)

    def scored(self) -> Self:
        """Return what carries a score."""
        return self.filter(normalized__isnull=False)

    def survey_answers(self) -> Self:
        """Return answers to surveys: no dealer's grade, complaint or remark of a visit."""
        return self.filter(source="survey")

    def low(self) -> Self:
        """Return scores below the middle of their scale."""
        return self.filter(normalized__lt=MIDDLE)

    def compliments(self) -> Self:
        """Return praise."""
        return self.filter(source="compliment")

    def not_shared(self, day: date) -> Self:
        """Return what by a day hadn't been passed on to those who earned it."""
        return self.alias(_shared=self.held_on("shared_on", day)).filter(_shared=None)


#: What meets the target of each step of a complaint.
_MET_BY = {
    "acknowledge": ("acknowledged_at", "closed_at"),
    "answer": ("responded_at", "closed_at"),
    "close": ("closed_at",),
}


class ComplaintQuerySet(RecordQuerySet):
    """Complaints of one organization."""

    def concerning(self, start: datetime, end: datetime) -> Self:
        """Return those received from a moment up to another, or still open at the first."""
        return self.filter(received_at__lt=end).filter(
            Q(received_at__gte=start) | Q(closed_at=None) | Q(closed_at__gte=start)
        )

    def late(self, moment: datetime, *steps: str) -> Self:
        """Return those for which a frozen target was missed by a moment.

        Closing ends every clock.

        Args:
            moment: what was not met by then counts as met just then.
            steps: ``acknowledge``, ``answer``, ``close``: whose targets count; all of them unless given.
        """
        missed = (_missed(f"{step}_due_at", _MET_BY[step], moment) for step in steps or _MET_BY)
        return self.filter(reduce(or_, missed))

    def not_begun(self, moment: datetime) -> Self:
        """Return those that by a moment had missed no target, and met none either."""
        untouched = _not_by("acknowledged_at", moment) & _not_by("responded_at", moment) & _not_by("closed_at", moment)
        return self.filter(untouched, *(Q(**{f"{step}_due_at__gte": moment}) for step in _MET_BY))

    def outcome_untold(self, moment: datetime | None = None) -> Self:
        """Return closed ones whose complainant was not told what came of it; with a moment, as of that.

        That an outcome was told needs no date; where it bears one, it counts from then on.
        """
        if moment is None:
            return self.filter(closed_at__isnull=False, outcome_told=False)
        return self.filter(Q(outcome_told=False) | Q(outcome_told_at__gt=moment), closed_at__lte=moment)

    def due_between(self, start: datetime, end: datetime) -> Self:
        """Return those with a target between two moments that wasn't met at the first."""
        due = (start, end)
        waiting = (
            Q(_not_by("acknowledged_at", start), acknowledge_due_at__range=due)
            | Q(_not_by("responded_at", start), answer_due_at__range=due)
            | Q(close_due_at__range=due)
        )
        return self.filter(waiting, _not_by("closed_at", start))


def _not_by(step: str, moment: datetime) -> Q:
    """Return a condition for a step that hadn't been taken by a moment."""
    return Q(**{step: None}) | Q(**{f"{step}__gt": moment})


def _missed(due: str, met_by: tuple[str, ...], moment: datetime) -> Q:
    """Return a condition for a target before a moment, and before the step that met it.

    What was not met counts as met just now.
    """
    now = Value(moment, output_field=DateTimeField())
    steps = [Coalesce(name, now) for name in met_by]
    # The first of the steps, whichever: an answer after the closing doesn't make the complaint late that was closed in time.
    return Q(**{f"{due}__lt": moment}) & Q(**{f"{due}__lt": Least(*steps) if len(steps) > 1 else steps[0]})


class EnhancementQuerySet(RecordQuerySet):
    """Enhancements of one organization."""

    def measured(self, day: date) -> Self:
        """Return all with ``_measured``: when, by a day, their effect was measured."""
        return self.alias(_measured=self.held_on("measured_on", day))

    def unmeasured(self, day: date) -> Self:
        """Return those of :meth:`measured` ones whose effect wasn't measured although the day set for it has passed.

        Those without such a day count too.
        """
        return self.filter(_measured=None).filter(Q(measure_due_on=None) | Q(measure_due_on__lt=day))

    def not_measured_yet(self, day: date) -> Self:
        """Return those of :meth:`measured` ones that still have time: the day set for it has not passed."""
        return self.filter(_measured=None, measure_due_on__gte=day)


class MethodQuerySet(RecordQuerySet):
    """Monitoring methods of one organization."""

    def complete(self) -> Self:
        """Return those that say all that 9.1.2 wants determined.

        That is method, population, frequency, and who sees to it.
        """
        return self.filter(population_size__isnull=False, frequency_days__isnull=False, owner__isnull=False).exclude(
            method=""
        )
