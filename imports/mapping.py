"""Which column of a file fills which field.

It is proposed by header words, and overridden by a mapping file or form.

A mapping as JSON::

    {
      "statement": "Text",                                   one column
      "external_id": ["user_id", "item_id"],                 several, joined with "-" for ids and blanks for others
      "text": {"columns": ["Issue", "Details"], "join": ": "},
      "kind": {"value": "statutory"},                        one value for all rows
      "status": {"value": "active", "only_new": true},       only for rows that the register doesn't have yet
      "category": null,                                      not filled, although a header would fit
      "values": {"criticality": {"urgent": "critical"}},     words of the file and what they mean
      "dates": {"collected_at": "dmy"},                      what comes first: dmy, mdy; sign: the day between points, else the month
      "numbers": {"score": "comma"},                         the decimal sign: comma, point
      "empty": {"score": ["6", "99", "weiß nicht"]},         words and codes that mean no answer
      "periods": {"due_on": {"week": "last", "quarter": "comment", "year": 2026}},   see :mod:`imports.day_words`
      "questions": {"Q1": {"from": 1, "to": 6, "best": "lowest"}, "Remarks": {"words": true}},   a row a person, a question a column
      "options": {"sheet": "Data", "header_row": 5, "encoding": "cp1252", "delimiter": ";",
                  "create": ["customer"], "keep_unmapped": true,
                  "source": "Legal register", "same_ids": true}
    }

Fields that it doesn't name are still proposed by their header words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.utils.translation import gettext as _

from imports.new_fields import NEW_FIELDS, read_new_fields
from imports.sources import MappingError, Source, read_drawn
from imports.survey_questions import SurveyQuestion, read_questions
from registers.parsing.header_proposals import propose
from registers.parsing.targets import REFERENCE, Target
from spreadsheets.dates import ORDERS
from spreadsheets.headers import normalize_header
from spreadsheets.periods import KINDS

_SECTIONS = ("values", "dates", "numbers", "empty", "periods", "options", "questions")
_BY_FIELD = ("values", "dates", "numbers", "empty", "periods")
_READING = {"sheet": str, "header_row": int, "encoding": str, "delimiter": str, "every_row": bool}
_NUMBERS = ("comma", "point")
#: What becomes of rows that a sheet hides.
HIDDEN_ROWS = ("read", "leave")
#: What becomes of a cell that names a period or says a day in words: a day of it, nothing, or a comment that holds its words.
FIRST, LAST, EMPTY, COMMENT = MEANINGS = ("first", "last", "empty", "comment")
#: The year of periods where none is written.
IN_YEAR = "in_year"
#: What a word means that stands for no value.
NOTHING = "-"


@dataclass(frozen=True)
class ImportMapping:
    """What a person has said about how a file is to be read and mapped.

    Everything else is proposed.

    Attributes:
        fields: field → source; None leaves the field alone.
        values: field → word of the file → what it means.
        dates: field → ``dmy``, ``mdy`` or ``sign``.
        numbers: field → ``comma`` or ``point``.
        empty: field → words and codes that mean no answer, besides those that always do.
        periods: field → kind of period → what becomes of cells that name one, with the year of those that write none.
        hidden_rows: ``read`` or ``leave``, what becomes of rows that the sheet hides; empty: nobody has said it.
        reading: sheet, header_row, encoding, delimiter, every_row, as :func:`spreadsheets.reader.open_table` takes them.
        create: link fields whose missing records are created by name; None: those whose column allows it.
        taken_from: the register on whose import's page the file was taken up for this one; empty: it was brought here.
        drawn: how rows are drawn out of that register's sheet, beside whose rows they stand, see :mod:`imports.drawn`.
        source: the name of the list that the file is, with which the ids of its rows begin; empty: they are as they stand there.
        same_ids: whether rows of known ids are the register's although nearly all else differs.
        new_fields: custom fields that the import makes, by key: their label and kind, see :mod:`imports.new_fields`.
        questions: columns that hold one question's answers each, a person a row; None: nothing is said of it.
        keep_unmapped: whether columns that fill no field are kept as text in the row; None: where it has a place for them.
    """

    fields: Mapping[str, Source | None] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    empty: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    periods: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    hidden_rows: str = ""
    reading: Mapping[str, Any] = field(default_factory=dict)
    create: frozenset[str] | None = None
    keep_unmapped: bool | None = None
    questions: Mapping[str, SurveyQuestion] | None = None
    source: str = ""
    same_ids: bool = False
    taken_from: str = ""
    drawn: Mapping[str, Any] = field(default_factory=dict)
    new_fields: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, plain: Any, targets: Mapping[str, Target]) -> Self:
        """Understand a mapping given as JSON.

        Raises:
            MappingError: it doesn't fit; the error names everything that is wrong with it.
        """
        if not isinstance(plain, dict):
            raise MappingError(_('A mapping is a JSON object: {"field": "Header", …}.'))
        sections = {name: _object(name, plain.get(name)) for name in _SECTIONS}
        entries = {name: entry for name, entry in plain.items() if name not in _SECTIONS}
        options = dict(sections["options"])
        create, keep = options.pop("create", None), options.pop("keep_unmapped", None)
        hidden = options.pop("hidden_rows", None)
        taken_from, drawn = str(options.pop("taken_from", None) or ""), options.pop("drawn", None)
        source, same_ids = str(options.pop("source", None) or ""), bool(options.pop("same_ids", False))
        new_fields = options.pop(NEW_FIELDS, None) or {}
        _refuse_unknown(targets, entries, *(sections[name] for name in _BY_FIELD), _names("create", create))
        _refuse_uncreatable(targets, create or ())
        return cls(
            fields={name: None if entry is None else Source.read(name, entry) for name, entry in entries.items()},
            values={
                name: {
                    str(word): NOTHING if means in (None, "") else str(means)
                    for word, means in _object(name, words).items()
                }
                for name, words in sections["values"].items()
            },
            dates={name: _one_of(name, order, ORDERS) for name, order in sections["dates"].items()},
            numbers={name: _one_of(name, sign, _NUMBERS) for name, sign in sections["numbers"].items()},
            empty={name: _words(name, words) for name, words in sections["empty"].items()},
            periods={name: _periods(name, said) for name, said in sections["periods"].items()},
            hidden_rows="" if hidden is None else _one_of("hidden_rows", hidden, HIDDEN_ROWS),
            reading=_reading_options(options),
            create=None if create is None else frozenset(_names("create", create)),
            keep_unmapped=None if keep is None else bool(keep),
            taken_from=taken_from,
            drawn=read_drawn(drawn) if drawn else {},
            source=source,
            same_ids=same_ids,
            new_fields=_new_fields(new_fields),
            questions=_questions(sections["questions"]) if plain.get("questions") is not None else None,
        )

    @property
    def is_of_own_export(self) -> bool:
        """Whether a column holds this register's references, as its exports do."""
        return self.fields.get(REFERENCE) is not None

    def as_json(self) -> dict[str, Any]:
        """Return the mapping as JSON."""
        options = dict(self.reading)
        if self.create is not None:
            options["create"] = sorted(self.create)
        if self.keep_unmapped is not None:
            options["keep_unmapped"] = self.keep_unmapped
        options |= {"source": self.source} if self.source else {}
        options |= {"taken_from": self.taken_from} if self.taken_from else {}
        options |= {"drawn": dict(self.drawn)} if self.drawn else {}
        options |= {"hidden_rows": self.hidden_rows} if self.hidden_rows else {}
        options |= {"same_ids": True} if self.same_ids else {}
        if self.new_fields:
            options[NEW_FIELDS] = {key: dict(said) for key, said in self.new_fields.items()}
        sections = {
            "values": {name: dict(words) for name, words in self.values.items()},
            "dates": dict(self.dates),
            "numbers": dict(self.numbers),
            "empty": {name: list(words) for name, words in self.empty.items()},
            "periods": {name: dict(said) for name, said in self.periods.items()},
            "options": options,
        }
        return (
            {name: source and source.as_json() for name, source in self.fields.items()}
            | {name: section for name, section in sections.items() if section}
            | (
                {}
                if self.questions is None
                else {"questions": {h: each.as_json() for h, each in self.questions.items()}}
            )
        )

    def completed(
        self, headers: Iterable[str], targets: Mapping[str, Target], fits: Callable[[Target, str], bool] | None = None
    ) -> ImportMapping:
        """Return the mapping with headers as the file writes them, and with proposals.

        These are for the fields that it leaves open, and hold where what stands under a header ``fits``.

        Raises:
            MappingError: it names a column that the file doesn't have.
        """
        headers = list(headers)
        exact = {header: header for header in headers}
        # Of headers that are folded alike, the first counts.
        folded = {normalize_header(header): header for header in reversed(headers)}
        named = {
            name: source and replace(source, headers=tuple(_find(header, exact, folded) for header in source.headers))
            for name, source in self.fields.items()
        }
        used = {header for source in named.values() if source for header in source.headers}
        open_targets = {name: target for name, target in targets.items() if name not in named}
        unused = [header for header in headers if header not in used]
        proposed = propose(unused, open_targets, fits) if fits else propose(unused, open_targets)
        complete = {**named, **{name: Source((header,)) for name, header in proposed.items()}}
        return replace(self, fields={name: complete[name] for name in targets if name in complete})

    def unmapped(self, headers: Iterable[str]) -> list[str]:
        """Return the file's columns that fill no field, in its order."""
        used = {header for source in self.fields.values() if source for header in source.headers}
        return [header for header in headers if header not in used and header not in (self.questions or ())]

    def otherwise(self, name: str, value: str) -> ImportMapping:
        """Return the mapping with a value in every row for a field that nothing fills."""
        return self if self.fields.get(name) else replace(self, fields={**self.fields, name: Source(value=value)})

    def spread(self, headers: Sequence[str], answers: Collection[str]) -> ImportMapping:
        """Return the mapping with questions as the file heads them, which fill the fields of answers and no others.

        Args:
            headers: the file's.
            answers: the fields that each answer fills for itself; none where the register keeps no answers.

        Raises:
            MappingError: it names a column that the file doesn't have.
        """
        if not self.questions:
            return self
        if not answers:
            raise MappingError(_("This register keeps no answers, so a file for it has no questions."))
        exact = {header: header for header in headers}
        folded = {normalize_header(header): header for header in reversed(headers)}
        questions = {_find(header, exact, folded): question for header, question in self.questions.items()}
        taken = {normalize_header(header) for header in questions}
        kept = {
            name: source
            for name, source in self.fields.items()
            if name not in answers and not (source and taken & set(map(normalize_header, source.headers)))
        }
        return replace(self, fields=kept | dict.fromkeys(answers), questions=questions)


def _object(name: str, plain: Any) -> dict[str, Any]:
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        raise MappingError(_("“%(name)s” must be a JSON object.") % {"name": name})
    return plain


def _names(name: str, plain: Mapping[str, Any]) -> list[str]:
    if plain is None:
        return []
    if not isinstance(plain, list) or not all(isinstance(item, str) for item in plain):
        raise MappingError(_("“%(name)s” must be a list of field names.") % {"name": name})
    return plain


def _words(name: str, plain: Any) -> tuple[str, ...]:
    if not isinstance(plain, list) or not all(isinstance(word, str | int | float) for word in plain):
        raise MappingError(_("“%(name)s” must be a list of words and codes.") % {"name": name})
    return tuple(map(str, plain))


def _periods(name: str, plain: Any) -> dict[str, Any]:
    """Understand what is said of cells that name a period; raises MappingError."""
    said = dict(_object(name, plain))
    year = said.pop(IN_YEAR, None)
    if not (year is None or (type(year) is int and 1900 <= year < 2100)):
        raise MappingError(_("“%(given)s” for %(field)s is no year.") % {"given": year, "field": name})
    if unknown := [kind for kind in said if kind not in KINDS]:
        known = ", ".join((*KINDS, IN_YEAR))
        raise MappingError(
            _("There is no kind of period %(unknown)s. There are: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": known}
        )
    read: dict[str, Any] = {kind: _one_of(name, means, MEANINGS) for kind, means in said.items()}
    return read | ({IN_YEAR: year} if year else {})


def _refuse_unknown(targets: Mapping[str, Target], *sections: Iterable[str]) -> None:
    unknown = list(dict.fromkeys(name for section in sections for name in section if name not in targets))
    if unknown:
        raise MappingError(
            _("This register has no field %(unknown)s. It has: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": ", ".join(targets)}
        )


def _refuse_uncreatable(targets: Mapping[str, Target], names: Iterable[str]) -> None:
    if wrong := [name for name in names if targets[name].creates is None]:
        known = ", ".join(name for name, target in targets.items() if target.creates is not None)
        raise MappingError(
            _("Records for %(wrong)s can't be created from a name. Possible: %(known)s.")
            % {"wrong": ", ".join(wrong), "known": known or "–"}
        )


def _questions(plain: Mapping[str, Any]) -> dict[str, SurveyQuestion]:
    try:
        return read_questions(plain)
    except ValueError as error:
        raise MappingError(
            _(
                'The question “%(header)s” needs its scale, as {"from": 1, "to": 6, "best": "lowest"} or "highest", or '
                '{"words": true}.'
            )
            % {"header": error.args[0]}
        ) from error


def _new_fields(plain: Any) -> dict[str, dict[str, str]]:
    try:
        return read_new_fields(plain)
    except ValueError as error:
        raise MappingError(
            _(
                'The option new_fields needs a label and a kind for each key: {"custom_lot": {"label": "Lot", "kind": "text"}}.'
            )
        ) from error


def _one_of(name: str, given: Any, known: Iterable[str]) -> str:
    if given not in known:
        raise MappingError(
            _("“%(given)s” for %(field)s isn't one of %(known)s.")
            % {"given": given, "field": name, "known": ", ".join(known)}
        )
    return str(given)


def _reading_options(options: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(options.keys() - _READING.keys()):
        known = ", ".join(
            [*_READING, "create", "keep_unmapped", "source", "same_ids", "hidden_rows", "taken_from", "drawn"]
        )
        raise MappingError(
            _("There is no option %(unknown)s. There are: %(known)s.") % {"unknown": ", ".join(unknown), "known": known}
        )
    for name, value in options.items():
        # Not isinstance: True would pass for row 1.
        if value is not None and type(value) is not _READING[name]:
            raise MappingError(_("The option %(name)s can't be “%(value)s”.") % {"name": name, "value": value})
    return {name: value for name, value in options.items() if value not in (None, "") and value is not False}


def _find(header: str, exact: Mapping[str, str], folded: Mapping[str, str]) -> str:
    found = exact.get(header) or folded.get(normalize_header(header))
    if found is None:
        raise MappingError(
            _("The file has no column “%(header)s”. It has: %(headers)s.")
            % {"header": header, "headers": ", ".join(exact)}
        )
    return found
