"""What a sheet holds for other registers than the one it is imported into: said on its page, and taken up by a press."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from django.utils.translation import ngettext

from imports.drafts import LEFT
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.report import summary
from registers.parsing.targets import Target
from registers.register import Register, registry

Status = ImportJob.Status
Said = TypeVar("Said")
#: Imports that came to nothing: what they were to take is free to be taken again.
_CAME_TO_NOTHING = (Status.CANCELLED, Status.FAILED, Status.UNDONE)


class Elsewhere:
    """What becomes of the rest of some imports' sheets, in the registers to which it belongs: one query for all."""

    def __init__(self, jobs: Iterable[ImportJob]) -> None:
        digests = {job.sha256 for job in jobs if job.result.get(LEFT)}
        found = ImportJob.objects.filter(sha256__in=digests).exclude(status__in=_CAME_TO_NOTHING) if digests else ()
        self._imports = {_of_sheet(job, job.register): job for job in reversed(found)}

    def lines(self, job: ImportJob, may: Callable[[Register], bool]) -> Iterator[dict[str, Any]]:
        """Yield what a sheet holds for each other register, what became of it, and the words of the press that takes it up.

        Args:
            job: an import whose file was looked through.
            may: whether the person may import into a register.
        """
        for slug, left in job.result.get(LEFT, {}).items():
            if register := registry.get(slug):
                yield _line(
                    register, left, self._imports.get(_of_sheet(job, slug)), may=may(register) and bool(job.path)
                )

    def taken_up(self, job: ImportJob, register: Register) -> ImportJob | None:
        """Return the import that takes what a sheet holds for another register; None where there is none yet."""
        return self._imports.get(_of_sheet(job, register.slug))


def _of_sheet(job: ImportJob, register: str) -> tuple[Any, ...]:
    return job.sha256, job.found.get("sheet"), job.found.get("header_row"), register


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
