"""From rows of cells to drafts of records.

Everything that can be said about a row without asking the register for it is said here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import reduce
from operator import or_
from typing import Any

from django.utils.translation import gettext as _

from imports.aside import Aside
from imports.day_words import NeedsWord
from imports.drafts import Draft, Problem
from imports.feeds import KEEP, Feed, Feeds, attribute
from imports.link_words import NamesNothing, is_like_reference
from imports.mapping import ImportMapping
from imports.row_keys import RowKeys
from imports.sources import Source
from imports.survey_questions import SurveyQuestion, answer_key
from registers.export import undefused
from registers.parsing.lookups import Lookups
from registers.parsing.targets import EXTERNAL_ID, REFERENCE, SOURCE_DATA, Target
from registers.questionnaire import Questionnaire
from spreadsheets.errors import BadValue
from spreadsheets.headers import looks_like_name
from spreadsheets.table import Cell, Row, Table, cell_text, column_letters
from spreadsheets.values import (
    is_nothing,
    parse_text,
    shown,
)

#: Different unknown words of a column that are remembered, to ask what they mean.
MOST_WORDS = 40
#: The highest number of a scale of per cent.
HUNDRED = 100


class Converter:
    """The way from the rows of one file to drafts, by a mapping that fits it.

    Raises:
        MappingError: a constant doesn't fit its field, or a field that every row needs gets no value.
    """

    def __init__(
        self,
        table: Table,
        targets: Mapping[str, Target],
        mapping: ImportMapping,
        lookups: Lookups,
        *,
        keep_unmapped: bool,
        questionnaire: Questionnaire | None = None,
    ) -> None:
        self.table, self.targets, self.mapping, self.lookups = table, targets, mapping, lookups
        self.unknown_words: defaultdict[str, Counter[str]] = defaultdict(Counter)
        #: By field the kinds of periods of which nobody has said which day is meant: an example, and whether a year is missing.
        self.unknown_periods: defaultdict[str, dict[str, tuple[str, bool]]] = defaultdict(dict)
        #: By field the words and codes that were read as no answer.
        self.no_answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        #: By field the words that name no row, and are kept as comments.
        self.naming_nothing: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._places = {header: place for place, header in enumerate(table.headers)}
        self.made = Feeds(table, mapping, lookups)
        self._questionnaire = questionnaire
        of_rows = {
            name: self.made.of(targets[name], source, is_per_cent=self._is_per_cent(name))
            for name, source in mapping.fields.items()
            if source is not None
        }
        #: By question how its answers get their values, where a row holds several; and how all fields do.
        self.answers = {
            header: of_rows | self._of_answers(header, question)
            for header, question in (mapping.questions or {}).items()
        }
        self.feeds = reduce(or_, self.answers.values(), of_rows)
        self._leading = [feed for feed in self.feeds.values() if feed.target.leads_to]
        #: Answers that rows don't give, and the keys of those not yet looked for in the register.
        self.unanswered = 0
        self.unanswered_keys: list[str] = []
        # An export of this register has columns that are only read: comments, what is worked out, what was kept before.
        keeps = keep_unmapped and not mapping.is_of_own_export
        self.kept = [(header, self._places[header]) for header in mapping.unmapped(table.headers)] if keeps else []
        self._seen: dict[tuple[bool, str], int] = {}
        who, when = (questionnaire.who, questionnaire.when) if questionnaire and self.answers else ((), ())
        self._keys = RowKeys(
            table, *([p for name in names if name in of_rows for p in of_rows[name].columns] for names in (who, when))
        )

    @property
    def missing(self) -> list[Target]:
        """Fields that every row needs and no column or constant fills."""
        return [target for target in self.targets.values() if target.required and target.name not in self.feeds]

    @property
    def asked(self) -> list[Target]:
        """Fields that say how others are to be read, where a file fills these and nothing says it: asked, never guessed.

        The rows of an export have their own already.
        """
        return [
            target
            for target in self.targets.values()
            if target.name not in self.feeds
            and self.feeds.keys() & set(target.asked_with)
            and not self.mapping.is_of_own_export
        ]

    @property
    def only_new(self) -> frozenset[str]:
        """Attributes that are set in new rows only."""
        return frozenset(attribute(feed.target) for feed in self.feeds.values() if feed.source.only_new)

    def drafts(self) -> Iterator[Draft]:
        """Yield a draft of every row, in the file's order."""
        for row in self.table.rows():
            if self.answers:
                yield from self._of_person(row)
            else:
                yield self._draft(row)

    def _of_person(self, row: Row) -> Iterator[Draft]:
        """Yield a draft of each answer that a row gives."""
        for question, feeds in self.answers.items():
            if is_nothing(feeds[self._answer_field(question)].cell(row)):
                self.unanswered += 1
                self.unanswered_keys.append(self._unanswered_key(row, question))
            else:
                yield self._draft(row, question)

    def _draft(self, row: Row, question: str = "") -> Draft:
        """Return the draft of a row or of one of its answers: its values and all that is wrong with them.

        Of a row that another register takes nothing is read, so that nothing about it is asked here.
        """
        if other := self._other_register(row):
            return Draft(row, "", False, {}, {}, [], left_for=other)
        values: dict[str, Any] = {}
        links: dict[str, list[int]] = {}
        emptied: list[str] = []
        beside: dict[str, Any] = {}
        aside: list[str] = []
        problems = [Problem(row.number, "", "", "", str(row.problem), "")] if row.problem else []
        for feed in self.feeds_of(question).values():
            try:
                value = self._value(feed, row)
            except Aside as said:
                if feed.target.required:
                    problems.append(self.problem(row, feed.target.name, *_needed(), question))
                    continue
                aside.append(f"{' + '.join(feed.source.headers)}: {said}")
                value = feed.blank if said.value is None else said.value
                if isinstance(said, NamesNothing):
                    self._count(self.naming_nothing, feed.target.name, str(said))
            except BadValue as bad:
                problems.append(self.problem(row, feed.target.name, str(bad.message), str(bad.remedy), question))
                continue
            if feed.target.beside:
                beside[feed.target.name] = value
            elif feed.target.kind == "records":
                links[feed.target.name] = [] if value is KEEP else value
            elif value is not KEEP:
                values[attribute(feed.target)] = value
            elif not feed.source.only_new:
                emptied.append(feed.target.name)
        if self.kept:
            values[SOURCE_DATA] = self._leftovers(row)
        draft = self._identified(
            Draft(row, "", False, values, links, problems, beside=beside, question=question, aside=aside)
        )
        if draft.by_reference:
            # In an export a cell that is empty was emptied; in other files it says nothing about a field that can't be.
            draft.problems += (self.problem(row, name, *_not_emptied()) for name in emptied)
        return draft

    def _other_register(self, row: Row) -> str:
        """Return the slug of the register to which a row says that it belongs; empty: this one.

        What says nothing of it stays in the register from whose import the file was taken up.
        """
        for feed in self._leading:
            with suppress(BadValue):
                value = feed.parse(feed.cell(row)) if feed.constant is KEEP else feed.constant
                if not value and self.mapping.taken_from in feed.target.leads_to.values():
                    return self.mapping.taken_from
                if other := feed.target.leads_to.get(str(value)):
                    return other
        return ""

    def feeds_of(self, question: str) -> dict[str, Feed]:
        """Return how fields get their values in answers to a question; empty: in rows."""
        return self.answers[question] if question else self.feeds

    def problem(self, row: Row, field: str, reason: str, remedy: str = "", question: str = "") -> Problem:
        """Return a problem with the cell that fills a field; with the row where no cell does."""
        feed = self.feeds_of(question).get(field)
        if feed is None or not feed.columns:
            label = self.targets[field].label if field in self.targets else ""
            return Problem(row.number, "", label, feed.source.value or "" if feed else "", reason, remedy)
        place = f"{column_letters(self.table.columns[feed.columns[0]])}{row.number}"
        return Problem(row.number, place, " + ".join(feed.source.headers), shown(feed.cell(row)), reason, remedy)

    def _value(self, feed: Feed, row: Row) -> Any:
        if feed.constant is not KEEP:
            return feed.constant
        cell = self._undefused(feed.cell(row))
        if cell is None and not is_nothing(written := feed.written(row)) and feed.columns:
            self._count(self.no_answers, feed.target.name, shown(written))
        try:
            value = feed.parse(cell)
        except NeedsWord as asked:
            self._see_day_words(feed.target.name, asked, shown(cell))
            raise
        except BadValue:
            if _is_a_word(feed.target, cell) and len(self.unknown_words[feed.target.name]) < MOST_WORDS:
                self.unknown_words[feed.target.name][shown(cell)] += 1
            raise
        if value is not None and value != "" and value != []:
            return value
        if feed.target.required:
            raise BadValue(*_needed())
        return feed.blank

    @staticmethod
    def _count(words: defaultdict[str, Counter[str]], name: str, word: str) -> None:
        if word in words[name] or len(words[name]) < MOST_WORDS:
            words[name][word] += 1

    def _see_day_words(self, name: str, asked: NeedsWord, cell: str) -> None:
        """Remember of which cells somebody has to say what day they mean."""
        if not asked.kind:
            if len(self.unknown_words[name]) < MOST_WORDS:
                self.unknown_words[name][cell] += 1
            return
        known, needs_year = self.unknown_periods[name].get(asked.kind, (cell, False))
        self.unknown_periods[name][asked.kind] = known, needs_year or not asked.has_year

    def _of_answers(self, header: str, question: SurveyQuestion) -> dict[str, Feed]:
        """Return how the fields get their values that each answer to a question fills for itself."""
        of = self._questionnaire
        assert of is not None
        sources = {of.question: Source(value=header), of.text if question.low is None else of.score: Source((header,))}
        sources |= {name: Source(value=value) for name, value in question.constants(of).items()}
        per_cent = question.low is None or question.high == HUNDRED
        return {
            name: self.made.of(self.targets[name], source, is_per_cent=per_cent) for name, source in sources.items()
        }

    def _is_per_cent(self, name: str) -> bool:
        """Return whether numbers of a field may be per cent: unless somebody has said that they are on another scale."""
        scales = [
            source.value
            for target in self.targets.values()
            if name in target.asked_with
            and (source := self.mapping.fields.get(target.name))
            and source.value is not None
        ]
        return not scales or bool({"percent", str(HUNDRED)} & set(scales))

    def _answer_field(self, question: str) -> str:
        of, asked = self._questionnaire, self.mapping.questions
        assert of is not None and asked is not None
        return of.text if asked[question].low is None else of.score

    def _undefused(self, cell: Cell) -> Cell:
        """Return the text as it was before our own CSV export made it harmless for spreadsheets."""
        return undefused(cell) if self.made.is_own_export and isinstance(cell, str) else cell

    def _leftovers(self, row: Row) -> str:
        """Return the columns that fill no field, one ``heading: value`` a line.

        Further lines of a value are set in.
        """
        texts = ((header, _plain_text(row.cells[place])) for header, place in self.kept)
        return "\n".join(f"{header}: {text}" for header, text in texts if text)

    def _identified(self, draft: Draft) -> Draft:
        """Give a draft its key; two rows of one key are both named, the second is refused."""
        reference = draft.values.pop(REFERENCE, None)
        if reference:
            draft.key, draft.by_reference = str(reference).upper(), True
        else:
            given = draft.values.get(EXTERNAL_ID)
            source = f"{self.mapping.source}: " if self.mapping.source else ""
            draft.key = f"{source}{given}" if given else self._keys.of(draft.row)
            self._name_answer(draft)
            draft.values[EXTERNAL_ID] = draft.key
        first = self._seen.setdefault((draft.by_reference, draft.key), draft.row.number)
        if first != draft.row.number:
            field = REFERENCE if draft.by_reference else EXTERNAL_ID
            reason = _("Row %(number)s has the same id.") % {"number": first}
            draft.problems.append(
                self.problem(draft.row, field, reason, _("Give each row an id of its own, or take one of them out."))
            )
        return draft

    def _unanswered_key(self, row: Row, question: str) -> str:
        """Return the key that an answer would have which a row doesn't give."""
        feed, key = self.feeds.get(EXTERNAL_ID), ""
        with suppress(BadValue):
            key = (feed.parse(feed.cell(row)) if feed else "") or ""
        source = f"{self.mapping.source}: " if self.mapping.source and key else ""
        longest: Any = self.targets[EXTERNAL_ID].field.max_length
        return answer_key(f"{source}{key}" if key else self._keys.of(row), question, longest)

    def _name_answer(self, draft: Draft) -> None:
        """Tell a person's answers apart by their questions, and let them share who answered.

        So they do where one import brings one question of the people in a file, and the next another.
        """
        of = self._questionnaire
        constant = self.feeds.get(of.question) if of and not draft.question else None
        question = draft.question or (constant.source.value if constant else None)
        if of is None or not question:
            return
        if not draft.values.get(of.respondent):
            draft.values[of.respondent] = draft.key
        longest: Any = self.targets[EXTERNAL_ID].field.max_length
        draft.key = answer_key(draft.key, question, longest)


def _needed() -> tuple[str, str]:
    """Say why a row without a value is refused, and what to do."""
    return _("The cell is empty, but every row needs this."), _("Fill it in.")


def _not_emptied() -> tuple[str, str]:
    """Say why an emptied cell of an export is refused, and what to do.

    It is refused where the field can't be empty.
    """
    remedy = _("Fill it in, or take the column out of the file to leave it as it is.")
    return _("The cell was emptied, but this can't be empty."), remedy


def _is_a_word(target: Target, cell: Cell) -> bool:
    """Return whether a cell that wasn't understood is a word that somebody may explain.

    “hoch” can mean 4, “Meier” a member.
    """
    if target.kind in ("integer", "decimal"):
        return isinstance(cell, str) and looks_like_name(cell) and not cell.startswith("#")
    if target.kind == "record" and is_like_reference(cell_text(cell)):
        return False  # it names one row that isn't here yet, and means no other
    return target.kind in ("choice", "boolean", "person", "site", "record", "row") and not shown(cell).startswith("#")


def _plain_text(cell: Cell) -> str:
    try:
        return (parse_text(cell) or "").replace("\n", "\n  ")
    except BadValue:  # a formula that failed: it is kept as the file shows it
        return cell_text(cell)
