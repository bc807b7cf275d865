"""The versions written after a seal: those that aren't among the leaves it signed.

The tree decides, not the clock: a transaction that commits late is found when it is sealed, however old its rows say
they are. What isn't sealed yet is added where it was written after the last leaf of its table, so that a page doesn't lag
behind the next seal; mails and packs look at sealed leaves only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from organizations import clock
from organizations.scope import CurrentOrganization
from trail.models import Leaf, Seal
from trail.sealing.leaves import source_of

#: Apps whose tracked rows an evaluation is made from. (A file that is attached or missing is part of what was signed.)
APPS = ("organizations", "evidence", "clauses", "actions", "requirements_registry", "risks", "feedback")


@dataclass(frozen=True)
class Newer:
    """Versions after a seal: how many there are, and the keys of the newest of them by model."""

    total: int
    keys: dict[type[models.Model], list[int]]


@cache
def _tables() -> dict[str, type[models.Model]]:
    """Map each history table an evaluation is made from to the model whose versions it holds."""
    tracked = [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]
    wanted = [model for model in tracked if model._meta.app_label in APPS]
    return {model.history.model._meta.db_table: model for model in wanted}  # type: ignore[attr-defined]


def followed_leaves() -> Any:
    """Return the leaves of all versions that an evaluation is made from."""
    return Leaf.objects.filter(source__in=list(_tables()))


def newer(size: int, *, until: int | None = None, limit: int, without: Collection[tuple[str, int]] = ()) -> Newer:
    """Return the versions after the first ``size`` leaves.

    Five queries at most, however many versions there are.

    Args:
        size: leaves of the seal.
        until: leaves of a later seal, after which nothing is looked at; None: everything, sealed or not; of the past, what was sealed then.
        limit: keys of so many are given, of the newest.
        without: tables and keys of versions that don't count.
    """
    if until is None and (moment := clock.travelled_to()):
        sealed = Seal.objects.filter(sealed_at__lte=moment).order_by("-number").first()
        until = sealed.size if sealed else 0
    tables = _tables()
    leaves = followed_leaves().filter(index__gte=size)
    if until is not None:
        leaves = leaves.filter(index__lt=until)
    for source, key in without:
        leaves = leaves.exclude(source=source, key=key)
    unsealed = [each for each in _unsealed() if each not in without] if until is None else []
    found = unsealed[-limit:]
    if len(found) < limit:
        found += leaves.order_by("-index").values_list("source", "key")[: limit - len(found)]
    keys: dict[type[models.Model], list[int]] = {}
    for source, key in found:
        keys.setdefault(tables[source], []).append(key)
    return Newer(leaves.count() + len(unsealed), keys)


def _unsealed() -> list[tuple[str, int]]:
    """Return tables and keys of versions after the last leaf of their table: one query."""
    parts = [_after_last_leaf(table, model.history.model) for table, model in _tables().items()]  # type: ignore[attr-defined]
    return list(parts[0].union(*parts[1:], all=True))


def _after_last_leaf(table: str, history: type[models.Model]) -> models.QuerySet:
    last = Leaf.objects.filter(source=table).order_by("-key").values("key")[:1]
    ours = {
        source_of(history).organization: CurrentOrganization()
    }  # histories of organizations and people aren't scoped
    # 0 where nothing of the table is sealed yet: all its versions are new then.
    rows = history._default_manager.filter(history_id__gt=Coalesce(models.Subquery(last), Value(0)), **ours)
    # Unordered, as the parts of a UNION have to be on SQLite.
    return rows.order_by().values_list(Value(table), F("history_id"))  # type: ignore[no-any-return]
