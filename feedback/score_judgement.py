"""How the scores of a period are held against the target (c3), for the overview and for the satisfaction page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clauses.assertion import Counts, Judgement, Question, Result, Rows
from clauses.periods import asked_about
from feedback.respondents import Instrument
from feedback.response_rates import Response, in_words, responses, waves_of
from feedback.scores import Line, Score, by_segment, fewest_people

#: What is worked out in binary fractions may miss a target that it reaches by less than this, in per cent.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Part:
    """A question's score, of everybody or of a segment."""

    instrument: Instrument
    segment: str
    score: Score

    @property
    def name(self) -> str:
        """The question, and the segment where it is of one."""
        question = self.instrument.question or _("a question without words")
        names = {"question": question, "segment": self.segment}
        return _("“%(question)s” in %(segment)s") % names if self.segment else _("“%(question)s”") % names


def judge_score(question: Question, counts: Counts, rows: Rows) -> Judgement:
    """Judge the scores of a period's survey answers; see :func:`judge_lines`."""
    fewest = fewest_people(question.targets)
    found = responses(waves_of(question), asked_about(question)[1])
    return judge_lines(question, counts, by_segment(rows(), fewest), found)


def judge_lines(question: Question, counts: Counts, lines: Sequence[Line], found: Sequence[Response]) -> Judgement:
    """Hold each question's score against the target, in all and in each segment with enough people.

    The worst decides, since nothing is put together. Too few people, a question recorded both ways round and a response
    rate that can't be leave it open.

    Args:
        question: what is asked.
        counts: answers, and those below the middle of their scale: they say what keeps a mean down.
        lines: the questions with their scores.
        found: the surveys of the period.
    """
    target, fewest = question.targets.satisfaction_target, fewest_people(question.targets)
    threshold = _("each question at least %(target)s %% of the scale, from %(fewest)s people on") % {
        "target": f"{target.normalize():f}",
        "fewest": fewest,
    }
    if not lines:
        return Judgement(Result.NO_EVIDENCE, 0, 0, "–", _("no answer to a survey in the period"), threshold)
    worst, open_reasons = worst_of(lines, target), _open(lines, found)
    if worst is None:
        result, value = Result.ATTENTION, _("too few")
    else:
        assert worst.score.mean is not None
        missed = not reaches(worst.score.mean, target)
        result = Result.GAP if missed else Result.ATTENTION if open_reasons else Result.MET
        value = shown(worst.score.mean, target)
    said = [_of(worst, len(lines))] if worst else []
    detail = "; ".join((*said, *open_reasons, *([] if any(each.is_wrong for each in found) else [in_words(found)])))
    return Judgement(result, counts.population - counts.exceptions, counts.population, value, detail, threshold)


def worst_of(lines: Sequence[Line], target: Decimal) -> Part | None:
    """Return what decides: the lowest score of enough people; of a segment only where it misses the target.

    None where people are too few everywhere.
    """
    wholes = [Part(line.instrument, "", line.whole) for line in lines if line.whole.is_enough]
    segments = [
        Part(line.instrument, segment, score)
        for line in lines
        for segment, score in line.parts.items()
        if segment and score.is_enough and score.mean is not None and not reaches(score.mean, target)
    ]
    # Where a whole question misses it, that says more than one of its segments.
    missing = [part for part in wholes if not reaches(part.score.mean or 0, target)]
    return min(missing or segments or wholes, key=lambda part: part.score.mean or 0, default=None)


def reaches(mean: float, target: Decimal) -> bool:
    """Return whether a mean is at or above the target."""
    return mean >= float(target) - ROUNDING


def shown(mean: float, target: Decimal) -> str:
    """Return a mean with as many digits as it takes to stand on its side of the target."""
    for digits in range(1, 6):
        text = f"{mean:.{digits}f}"
        if (Decimal(text) >= target) == reaches(mean, target):
            break
    return f"{text} %"


def _of(worst: Part, questions: int) -> str:
    """Return whose score it is, from how many people, with its interval."""
    score = worst.score
    assert score.interval is not None
    of = (
        ngettext("the only question", "lowest of %(count)s questions", questions) % {"count": questions}
        if not worst.segment
        else _("the lowest segment")
    )
    return _("%(name)s, %(of)s: %(people)s people, 95 %% interval %(low)s to %(high)s") % {
        "name": worst.name,
        "of": of,
        "people": f"{score.n:,}",
        "low": f"{score.interval.low:.1f}",
        "high": f"{score.interval.high:.1f}",
    }


def _open(lines: Sequence[Line], found: Sequence[Response]) -> list[str]:
    """Return what leaves the judgement open."""
    reasons = []
    few = [line for line in lines if not line.whole.is_enough]
    if few:
        names = {"name": Part(few[0].instrument, "", few[0].whole).name, "people": few[0].whole.n, "more": len(few) - 1}
        reasons.append(
            _("too few people answered %(name)s to judge it (%(people)s)") % names
            if len(few) == 1
            else _("too few people answered %(name)s to judge it (%(people)s), and %(more)s more") % names
        )
    both = _both_ways(lines)
    if both:
        reasons.append(
            _("“%(question)s” is recorded both ways round: correct the direction") % {"question": both.question}
        )
    if any(each.is_wrong for each in found):
        reasons.append(in_words(found))
    return reasons


def _both_ways(lines: Sequence[Line]) -> Instrument | None:
    """Return a question that has the highest number of a scale as best in some answers, and the lowest in others."""
    known: dict[tuple[str, Decimal, Decimal], bool] = {}
    for line in lines:
        question, lowest, highest, higher = line.instrument
        if known.setdefault((question.casefold(), lowest, highest), higher) != higher:
            return line.instrument
    return None
