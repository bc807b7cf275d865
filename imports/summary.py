"""What an import's page says about a file: what was found, decided, and would change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.new_content import label_of
from registers.parsing.targets import Target
from registers.register import Register
from spreadsheets.text_files import delimiter_name

Lines = Iterator[dict[str, Any]]


def found_lines(found: Mapping[str, Any], targets: Mapping[str, Target]) -> Lines:
    """Yield facts about a file, each a label and a value; none where it could not be read."""
    if not found:
        return
    yield {"label": _("Rows"), "value": f"{found['rows']:,}"}
    yield {"label": _("Header"), "value": _("in row %(row)s") % {"row": found["header_row"]}}
    if found["format"] == "csv":
        yield {"label": _("Encoding"), "value": found["encoding"]}
        yield {
            "label": _("Separator"),
            "value": delimiter_name(found["delimiter"]) if found["delimiter"] else _("none, one column"),
        }
    else:
        yield {"label": _("Sheet"), "value": found["sheet"]}
    for what, label in (("dates", _("Dates of %(fields)s")), ("numbers", _("Numbers of %(fields)s"))):
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for name, style in found.get(what, {}).items():
            alike[style["label"]].append(targets[name].label)
        yield from ({"label": label % {"fields": ", ".join(fields)}, "value": value} for value, fields in alike.items())


def decisions(result: Mapping[str, Any], targets: Mapping[str, Target] | None = None) -> Iterator[str]:
    """Yield sentences about what was decided.

    They are about columns that fill no field, missing records, and rows that bring no id.
    """
    survey = result.get("survey") or {}
    # While it is asked which columns are questions, nothing is settled of them.
    asked = {column["header"] for column in survey["columns"]} if survey.get("open") else set()
    if unmapped := [header for header in result.get("unmapped", ()) if header not in asked]:
        sentence = (
            _("Kept as text in each row, because they fill no field: %(columns)s.")
            if result.get("kept_unmapped")
            else _("Not imported: %(columns)s.")
        )
        yield sentence % {"columns": ", ".join(unmapped)}
    if questions := result.get("questions"):
        yield _("Each row gives an answer to each question, a row of its own: %(questions)s.") % {
            "questions": ", ".join(questions)
        }
    if unanswered := result.get("unanswered"):
        yield ngettext(
            "%(count)s answer is missing in the file and isn't recorded.",
            "%(count)s answers are missing in the file and aren't recorded.",
            unanswered,
        ) % {"count": f"{unanswered:,}"}
    yield from _emptied(result)
    yield from _no_answers(result, targets or {})
    yield from kept_beside(result, targets or {})
    if adding := result.get("adding"):
        yield _("What is added in %(columns)s is taken along; what stands there stays.") % {
            "columns": _(" and ").join(f"“{header}”" for header in adding)
        }
    for kind, names in result.get("creates", {}).items():
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        said = ngettext(
            "%(count)s name will be recorded along, among %(kind)s: %(names)s.",
            "%(count)s names will be recorded along, among %(kind)s: %(names)s.",
            len(names),
        )
        yield said % {"count": f"{len(names):,}", "kind": kind, "names": shown}
    for group in result.get("alike", ()):
        names = ", ".join(f"“{name}”" for name in (group["known"], *group["names"]) if name)
        yield _("Alike but for legal form or signs, and kept apart unless you say otherwise: %(names)s.") % {
            "names": names
        }
    if (
        (mapping := result.get("mapping"))
        and not (result.get("questions") or asked)
        and not (mapping.get("external_id") or mapping.get("reference"))
    ):
        yield _(
            "No column holds ids, so rows are known by their content: one that changes in the file will be a new row. Assign a column to “External id” if there is one."
        )


def _emptied(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield what becomes of fields of known rows whose cells are empty, and of answers that are given no more."""
    if emptied := result.get("emptied_answers"):
        yield ngettext(
            "%(count)s answer that is recorded is missing in this file: it stays. Archive it if it holds no longer.",
            "%(count)s answers that are recorded are missing in this file: they stay. Archive those that hold no longer.",
            emptied,
        ) % {"count": f"{emptied:,}"}
    counts = result.get("counts") or {}
    if counts.get("changed") or counts.get("unchanged"):
        if (result.get("mapping") or {}).get("reference"):
            yield _(
                "In rows that the register has, an empty cell empties its field; where that can't be empty, the row is refused. What "
                "no column fills stays."
            )
        else:
            yield _(
                "In rows that the register has, an empty cell empties its field. One that can't be empty keeps what it holds; where "
                "every row needs it, the row is refused. What no column fills stays."
            )


def columns_title(still_open: int, without_field: int) -> str:
    """Return what is so with a file's columns: how many are to be looked at, or fill no field because that is settled."""
    if still_open:
        return ngettext(
            "One column fills nothing yet", "%(count)s columns fill nothing yet", still_open
        ) % {"count": f"{still_open:,}"}  # fmt: skip
    if without_field:
        return ngettext(
            "Nothing is open: one column fills no field, as before",
            "Nothing is open: %(count)s columns fill no field, as before",
            without_field,
        ) % {"count": f"{without_field:,}"}
    return _("Every column is known")


def _no_answers(result: Mapping[str, Any], targets: Mapping[str, Target]) -> Iterator[str]:
    for name, words in result.get("no_answers", {}).items():
        said = ", ".join(f"“{word}” ({count:,})" for word, count in words.items())
        label = targets[name].label if name in targets else name
        yield _("Read as no answer in %(field)s: %(words)s.") % {"field": label, "words": said}


def kept_beside(result: Mapping[str, Any], targets: Mapping[str, Target]) -> Iterator[str]:
    """Yield sentences about cells that became no value: names of nobody, and words kept as comments."""
    if nobody := result.get("nobody"):
        yield _("Left empty, since it was said that they mean nobody: %(names)s.") % {"names": ", ".join(nobody)}
    for name, words in result.get("naming_nothing", {}).items():
        said = ", ".join(f"“{word}” ({count:,})" for word, count in words.items())
        label = targets[name].label if name in targets else name
        yield _("Kept as a comment with each row, since it names no row of a register, in %(field)s: %(words)s.") % {
            "field": label,
            "words": said,
        }


def changes(result: Mapping[str, Any], register: Register) -> str:
    """Return which fields of the register's rows change; empty where none does."""
    labels = [label for name in result.get("changed_fields", {}) if (label := _label(register, name))]
    return _("What changes: %(fields)s.") % {"fields": ", ".join(labels)} if labels else ""


def _label(register: Register, attribute: str) -> str:
    column = register.bound.get(attribute) or register.bound.get(attribute.removesuffix("_id"))
    return column.label if column else label_of(attribute)


def undone(counts: Mapping[str, int]) -> str:
    """Return what undoing an import came to, as a sentence."""
    parts = (
        (
            counts.get("archived", 0),
            ngettext("%(count)s row archived", "%(count)s rows archived", counts.get("archived", 0)),
        ),
        (counts.get("set back", 0), ngettext("%(count)s set back", "%(count)s set back", counts.get("set back", 0))),
        (
            counts.get("left", 0),
            ngettext(
                "%(count)s left as it was edited or used since",
                "%(count)s left as they were edited or used since",
                counts.get("left", 0),
            ),
        ),
    )
    return ", ".join(text % {"count": f"{count:,}"} for count, text in parts if count) or _("nothing was left to undo")
