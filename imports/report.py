"""What is told about an import: counts, problems, changes field by field, first rows.

The first rows are shown as they would be written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.alike_form import ALIKE, alike_of
from imports.drafts import LEFT, Draft, Problem
from imports.drawn import BESIDE, FoundRows
from imports.examination import OUTCOMES, Examination
from imports.feeds import attribute
from imports.first_rows import CELL, FirstRows
from imports.known_ids import KNOWN_IDS
from imports.labels import Wording, value_of
from imports.new_content import label_of
from imports.refused_rows import Refused
from registers.formatting import rows_named
from spreadsheets.legends import explained
from spreadsheets.table import Table, is_blank
from spreadsheets.values import shown

#: Problems that are shown; all of them are in the file of refused rows.
MOST_PROBLEMS = 1000
#: Rows that change, shown field by field.
MOST_CHANGES = 50
#: Names that mean nobody, of which a person is told.
MOST_NOBODY = 20
#: What the number of hidden rows of which nobody has said anything is kept under.
HIDDEN = "hidden_rows"
#: What words that name no row, and how many cells hold them, are kept under by field.
NAMING_NOTHING = "naming_nothing"


class Report:
    """What a person is to be told of a look through a file, gathered while it goes on.

    All it gives are plain values.
    """

    def __init__(self, examination: Examination, refused: Refused | None = None) -> None:
        self.examination, self.refused = examination, refused
        self.problems: list[dict[str, Any]] = []
        self.problems_total = 0
        self._said: set[Problem] = set()
        self.first = FirstRows(examination.converter)
        self.changes: list[dict[str, Any]] = []
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self._words = Wording(examination.converter.targets)
        self._beside = FoundRows(examination.register, examination.table, examination.mapping)

    def see(self, drafts: Sequence[Draft]) -> None:
        """Take in a chunk of settled drafts."""
        self._beside.see(drafts)
        self.first.see(drafts, self._outcomes(drafts))
        if room := MOST_CHANGES - len(self.changes):
            self._see_changes([draft for draft in drafts if draft.outcome == "changed"][:room])
        self._refuse([draft for draft in drafts if draft.problems])
        for draft in drafts:
            if not draft.problems:
                continue
            # What is wrong with a cell is said once, also where several answers share it.
            new = [problem for problem in draft.problems if problem not in self._said]
            self._said = {problem for problem in {*self._said, *new} if problem.row == draft.row.number}
            self.problems_total += len(new)
            room = MOST_PROBLEMS - len(self.problems)
            self.problems += [problem._asdict() for problem in new[:room]]

    def _refuse(self, drafts: Sequence[Draft]) -> None:
        """Write refused rows, each once with all that is wrong with its answers."""
        for _number, group in groupby(drafts if self.refused else (), key=lambda draft: draft.row.number):
            first, *others = group
            assert self.refused is not None
            problems = [problem for draft in (first, *others) for problem in draft.problems]
            self.refused.write(replace(first, problems=list(dict.fromkeys(problems))))

    def _outcomes(self, drafts: Sequence[Draft]) -> dict[int, list[dict[str, str]]]:
        """Return by draft what is written beside it, and count it."""
        model = self.examination.register.model
        written = [
            (id(draft), draft.record, draft.beside)
            for draft in drafts
            if draft.outcome in ("created", "changed") and draft.record is not None
        ]
        given = model.import_outcomes([(record, beside) for _draft, record, beside in written])
        found = {draft: list(map(asdict, each)) for (draft, *_told), each in zip(written, given, strict=True)}
        self.outcomes.update((each["text"], each["tone"]) for outcomes in found.values() for each in outcomes)
        return found

    def _see_changes(self, drafts: Sequence[Draft]) -> None:
        """Take in rows that change: which fields, from what to what."""
        # Keys of records that are still to be created lead to nothing that could be read.
        for lookup in self.examination.converter.lookups.creating:
            for name, key in lookup.missing.items():
                self._name_unrecorded(lookup, key, name)
        pairs = [(draft, name, draft.before[name], _new(draft, name)) for draft in drafts for name in draft.changed]
        self._words.learn((name, value) for _draft, name, *values in pairs for value in values)
        fields: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for draft, name, old, new in pairs:
            old_text, new_text = (self._words.text(name, value)[:CELL] for value in (old, new))
            fields[id(draft)].append({"label": self._words.label(name), "old": old_text, "new": new_text})
        for draft in drafts:
            fields[id(draft)] += (
                {"label": label_of(name), "old": "", "new": addition.words[:CELL], "is_added": True}
                for name, addition in draft.added.items()
            )
            record, number = draft.record, draft.row.number
            assert record is not None
            about = {"reference": record.reference, "title": record.title_text[:CELL]}
            self.changes.append({"number": number, **about, "fields": fields[id(draft)]})

    def _name_unrecorded(self, lookup: Any, key: int, name: str) -> None:
        for target in self.examination.matcher.targets:
            if target.kind in ("record", "records") and self.examination.converter.lookups.of(target) is lookup:
                self._words.name(attribute(target), key, name)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The first rows as they would be written."""
        return self.first.rows

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome."""
        return {outcome: self.examination.counts[outcome] for outcome in OUTCOMES}

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON."""
        examination = self.examination
        return {
            "counts": self.counts,
            LEFT: {slug: {"count": len(rows), "rows": rows_named(rows)} for slug, rows in examination.left.items()},
            BESIDE: self._beside.as_json(),
            "problems": self.problems,
            "problems_total": self.problems_total,
            "changed_fields": dict(examination.changed_fields),
            "changes": self.changes,
            "unmapped": examination.unmapped,
            "passed_over": [*examination.passed_over.sentences(), *examination.additions.sentences()],
            "adding": examination.additions.headers,
            "added": dict(examination.additions.added),
            HIDDEN: hidden_rows_asked(examination),
            ALIKE: alike_of(examination.converter),
            KNOWN_IDS: examination.known_ids.as_json(),
            "questions": list(examination.converter.answers),
            "unanswered": examination.converter.unanswered,
            "emptied_answers": examination.emptied_answers,
            "nobody": examination.converter.lookups.nobody[:MOST_NOBODY],
            "kept_unmapped": bool(examination.converter.kept),
            "creates": {
                str(lookup.model._meta.verbose_name_plural): list(names.values())
                for lookup, names in examination.creates.items()
            },
            "recorded_along": [
                {"register": lookup.model.register_slug, "names": list(names.values())}
                for lookup, names in examination.creates.items()
            ],
            "no_answers": {name: dict(words) for name, words in examination.converter.no_answers.items()},
            NAMING_NOTHING: {n: dict(words) for n, words in examination.converter.naming_nothing.items()},
            "unknown_periods": {name: dict(kinds) for name, kinds in examination.converter.unknown_periods.items()},
            "number_fields": [
                n
                for n, f in examination.converter.feeds.items()
                if f.target.kind in ("integer", "decimal") and f.columns
            ],
            "unknown_words": {name: list(words) for name, words in examination.converter.unknown_words.items()},
            "explained_words": self._explained(),
            "outcomes": [
                {"text": text, "tone": tone, "count": count} for (text, tone), count in self.outcomes.most_common()
            ],
            "mapping": examination.mapping.as_json(),
            "columns": self.first.columns,
            "rows": self.rows,
        }

    def _explained(self) -> dict[str, dict[str, str]]:
        """Return by field of choices the unknown words that a title or legend explains, with the choice that it names."""
        converter = self.examination.converter
        means, found = explained(converter.table.beside), {}
        for name, words in converter.unknown_words.items() if means else ():
            if converter.targets[name].kind == "choice":
                known = converter.targets[name].choice_words({})
                codes = {word: known.code_of(means[word]) for word in words if word in means}
                found[name] = {word: str(code) for word, code in codes.items() if code is not None}
        return found


def _new(draft: Draft, name: str) -> Any:
    """Return what a field of a changed row will hold; of links, keys."""
    return draft.links[name] if name in draft.links else value_of(draft.record, name)


def hidden_rows_asked(examination: Examination) -> int:
    """Return how many rows the sheet hides of which nobody has said what becomes of them; an export of ours hides none."""
    mapping = examination.mapping
    return 0 if mapping.hidden_rows or mapping.is_of_own_export else examination.table.hidden_count


def facts(table: Table, examination: Examination | None = None) -> dict[str, Any]:
    """Return what was found in a file, as JSON."""
    styles = examination.converter.made.date_styles if examination else {}
    return {
        "format": table.format,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "sheets": [sheet._asdict() for sheet in table.sheets],
        "header_row": table.header_row,
        "headers": list(table.headers),
        "rows": table.row_count,
        "hidden_rows": table.hidden_count,
        "notes": [str(note) for note in table.notes],
        "dates": {
            name: {
                "label": str(style.label),
                "open": style.ambiguous or style.conflicting,
                "ask": style.must_choose or style.conflicting,
            }
            for name, style in styles.items()
            if style.forms
        },
        "numbers": {
            name: {
                "label": _("Numbers such as %(example)s can be read in two ways: choose which.") % {"example": example},
                "open": True,
                "ask": True,
            }
            for name, example in (examination.converter.made.doubtful_numbers.items() if examination else ())
        },
        "samples": _samples(table),
    }


def _samples(table: Table) -> list[str]:
    """Return the first cell of each column that holds something."""
    samples = [""] * len(table.headers)
    for _number, row in zip(range(50), table.rows(), strict=False):
        for place, cell in enumerate(row.cells):
            if not samples[place] and not is_blank(cell):
                samples[place] = shown(cell)
    return samples


def summary(counts: dict[str, int]) -> str:
    """Return counts as a sentence."""
    parts = (
        (counts["created"], ngettext("%(count)s new row", "%(count)s new rows", counts["created"])),
        (counts["changed"], ngettext("%(count)s changed", "%(count)s changed", counts["changed"])),
        (counts["unchanged"], ngettext("%(count)s unchanged", "%(count)s unchanged", counts["unchanged"])),
        (counts["refused"], ngettext("%(count)s refused", "%(count)s refused", counts["refused"])),
    )
    said = [text % {"count": f"{count:,}"} for count, text in parts if count]
    return ", ".join(said) or _("No rows")
