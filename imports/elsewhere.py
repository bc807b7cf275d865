"""What a sheet holds for other registers than the one it is imported into: said on its page, and taken up by a press."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.drafts import LEFT
from imports.drawn import BESIDE, headers_of_drawn
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.report import summary
from imports.saved_mappings import remembered
from registers.parsing.targets import Target, targets_of
from registers.register import Register, registry

Status = ImportJob.Status
Said = TypeVar("Said")
#: Imports that came to nothing: what they were to take is free to be taken again.
_CAME_TO_NOTHING = (Status.CANCELLED, Status.FAILED, Status.UNDONE)


class Elsewhere:
    """What becomes of the rest of some imports' sheets, in the registers to which it belongs: one query for all."""

    def __init__(self, jobs: Iterable[ImportJob]) -> None:
        digests = {job.sha256 for job in jobs if job.result.get(LEFT) or job.result.get(BESIDE)}
        found = ImportJob.objects.filter(sha256__in=digests).exclude(status__in=_CAME_TO_NOTHING) if digests else ()
        self._imports = {_of_sheet(job, job.register, _drawn_from(job)): job for job in reversed(found)}

    def lines(self, job: ImportJob, may: Callable[[Register], bool]) -> Iterator[dict[str, Any]]:
        """Yield what a sheet holds for each other register, what became of it, and the words of the press that takes it up.

        Args:
            job: an import whose file was looked through.
            may: whether the person may import into a register.
        """
        for slug, left in job.result.get(LEFT, {}).items():
            if register := registry.get(slug):
                taken = self._imports.get(_of_sheet(job, slug))
                yield _line(register, left, taken, may=may(register) and bool(job.path))
        for slug, found in job.result.get(BESIDE, {}).items():
            if register := registry.get(slug):
                taken = self._imports.get(_of_sheet(job, slug, job.register))
                yield _beside(job, register, found, taken, may=may(register) and bool(job.path))

    def taken_up(self, job: ImportJob, register: Register) -> ImportJob | None:
        """Return the import that takes what a sheet holds for another register; None where there is none yet."""
        drawn = job.register if register.slug in job.result.get(BESIDE, {}) else ""
        return self._imports.get(_of_sheet(job, register.slug, drawn))


def _of_sheet(job: ImportJob, register: str, drawn_from: str = "") -> tuple[Any, ...]:
    return job.sha256, job.found.get("sheet"), job.found.get("header_row"), register, drawn_from


def _drawn_from(job: ImportJob) -> str:
    """Return the register beside whose rows those of an import stand; empty where they stand in a sheet of their own."""
    options = job.mapping.get("options", {})
    return str(options["taken_from"]) if options.get("drawn") else ""


def _beside(
    job: ImportJob, register: Register, found: Mapping[str, Any], taken: ImportJob | None, *, may: bool
) -> dict[str, Any]:
    """Return what is said of rows beside which another register's stand: offered once they are there to arise from."""
    count, options = found["count"], register.model._meta
    said = {
        "count": f"{count:,}",
        "rows": found["rows"],
        "not_yet": found["not_yet"],
        "kind": options.verbose_name if count == 1 else options.verbose_name_plural,
        "columns": ", ".join(f"“{header}”" for header in found["lost"]),
        "measure": found["drawn"]["columns"][register.model.title_field],
    }
    is_there = job.status == Status.DONE
    sentences = [
        ngettext(
            "%(count)s row also says in “%(measure)s” what is to be done, and by when or by whom (row %(rows)s).",
            "%(count)s rows also say in “%(measure)s” what is to be done, and by when or by whom (rows %(rows)s).",
            count,
        ),
        (
            _("Rows %(not_yet)s don't say it yet.")
            if "," in found["not_yet"]
            else _("Row %(not_yet)s doesn't say it yet.")
        )
        if found["not_yet"]
        else "",
        _("Not taken otherwise: %(columns)s.") if taken is None and found["lost"] else "",
        "" if is_there or taken else _("Once the rows are imported, these %(kind)s can be, as arising from them."),
    ]
    press = ngettext("Import it as one of the %(kind)s", "Import them as %(count)s %(kind)s", count)
    return {
        "slug": register.slug,
        "text": " ".join(filter(None, sentences)) % said,
        "press": press % said if may and is_there and taken is None else "",
        "url": taken.get_absolute_url() if taken else "",
        "became": _became(taken) if taken else "",
    }


def _line(register: Register, left: Mapping[str, Any], taken: ImportJob | None, *, may: bool) -> dict[str, Any]:
    count, options = left["count"], register.model._meta
    said = {
        "count": f"{count:,}",
        "rows": left["rows"],
        "kind": options.verbose_name if count == 1 else options.verbose_name_plural,
        "register": register.title,
    }
    text = ngettext(
        "%(count)s row says %(kind)s (row %(rows)s): it is left to the register “%(register)s”.",
        "%(count)s rows are %(kind)s (rows %(rows)s): they are left to the register “%(register)s”.",
        count,
    )
    press = ngettext("Import this row as %(kind)s", "Import these %(count)s rows as %(kind)s", count)
    return {
        "slug": register.slug,
        "text": text % said,
        "press": press % said if may and taken is None else "",
        "url": taken.get_absolute_url() if taken else "",
        "became": _became(taken) if taken else "",
    }


def _became(job: ImportJob) -> str:
    counts = job.result.get("counts")
    return f"{job.get_status_display()}: {summary(counts)}" if counts else str(job.get_status_display())


def mapping_for(job: ImportJob, said: ImportMapping, register: Register) -> ImportMapping:
    """Return how the sheet of an import is understood where it is taken up for another register."""
    found = job.result.get(BESIDE, {}).get(register.slug)
    if found is None:
        return carried(said, job.register, targets_of(registry[job.register]), targets_of(register))
    drawn = found["drawn"]
    # What was said about the measures of an earlier sheet of the kind holds for this one.
    before = remembered(register, headers_of_drawn(drawn))
    return replace(before, reading=said.reading, hidden_rows=said.hidden_rows, taken_from=job.register, drawn=drawn)


def carried(
    said: ImportMapping, register: str, here: Mapping[str, Target], there: Mapping[str, Target]
) -> ImportMapping:
    """Return what was said about a sheet for one register, as far as it is true for another one too.

    Args:
        said: the mapping.
        register: the slug of the one for which it was said, which keeps the rows that say nothing of where they belong.
        here: what that one accepts.
        there: what the other one does.
    """
    shared = {
        name
        for name, target in there.items()
        if name in here and (target.kind, target.choices) == (here[name].kind, here[name].choices)
    }
    create = said.create and frozenset(name for name in said.create & shared if there[name].creates is not None)
    return replace(
        said,
        fields=_of(said.fields, shared),
        values=_of(said.values, shared),
        dates=_of(said.dates, shared),
        numbers=_of(said.numbers, shared),
        empty=_of(said.empty, shared),
        periods=_of(said.periods, shared),
        create=create,
        same_ids=False,
        new_fields={},
        questions=None,
        taken_from=register,
    )


def _of(said: Mapping[str, Said], names: Collection[str]) -> dict[str, Said]:
    return {name: each for name, each in said.items() if name in names}
