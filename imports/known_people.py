"""Names that a person explained on an import's page: kept for the organization, and used by the imports that wait."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from imports import services
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.name_form import unknown_names
from imports.new_fields import targets_for
from organizations.models import User
from registers.known_names.models import folded_name
from registers.known_names.services import learn
from registers.register import registry


def learn_names(names: Mapping[str, int | None], *, by: User, but: ImportJob, start: Callable[[int, int], Any]) -> None:
    """Keep whom names mean, and have waiting imports that ask about one of them looked through again.

    Args:
        names: name → key of a person; None for nobody.
        by: who says so.
        but: the import on whose page it was said: it is looked through anyway.
        start: called with organization and job id to have a worker do it.
    """
    learn(names, by=by)
    folded = set(map(folded_name, names))
    for job in ImportJob.objects.filter(status=ImportJob.Status.READY).exclude(pk=but.pk):
        targets = targets_for(registry[job.register], job.mapping)
        if folded & set(map(folded_name, unknown_names(job.result, targets))):
            services.begin(services.ask_to_check(job, ImportMapping.read(job.mapping, targets)), start)
