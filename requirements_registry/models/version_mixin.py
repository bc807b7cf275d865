"""The versions of a requirement: each change of what it says makes one (clause 8.2.4).

Whether it is saved alone or imported with many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from organizations.scope import current_organization
from requirements_registry.models.versions import RequirementVersion
from requirements_registry.validators import tidy
from trail.history import BATCH, bulk_create, bulk_update

if TYPE_CHECKING:
    from registers.models import Record as Base
else:
    Base = object

Row = TypeVar("Row")

#: Fields whose change lets the days to acknowledge begin anew, beside a new version; imports name keys by their column.
_RENEWING = {"owner", "owner_id", "status"}


@dataclass(frozen=True)
class ChangeNote:
    """What is said about a change of statement or criterion, besides its reason.

    Attributes:
        effective_on: the day from which the new version holds; None: the day of the change.
        tell: who must be told of it.
    """

    effective_on: date | None = None
    tell: str = ""


class Versioning(Base):
    """The part of a requirement that keeps its versions."""

    if TYPE_CHECKING:
        statement: Any
        criterion: Any
        version: Any
        status: Any
        owner_id: Any
        effective_on: Any
        acknowledge_from: Any

    #: What is said about the change that the next ``save`` makes; its reason is ``_change_reason``, as for any record.
    change_note = ChangeNote()

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it; a changed statement or criterion makes a new version.

        The version is kept in the same transaction.
        """
        before = None if self._state.adding else self._stored()
        changed = before is not None and self._says_other_than(before["statement"], before["criterion"])
        if before is not None:
            self.version = before["version"] + changed
            if changed or self._is_someone_elses(before) or self._comes_into_force(before):
                self.acknowledge_from = current_organization().today()
        if kwargs.get("update_fields") is not None:
            # Set above, and lost where the caller names only the fields that it changed itself.
            kwargs["update_fields"] = {*kwargs["update_fields"], "version", "acknowledge_from"}
        super().save(*args, **kwargs)
        if before is None or changed:
            self._new_version(getattr(self, "_change_reason", "")).save()
        self.change_note = ChangeNote()

    def _stored(self) -> dict[str, Any] | None:
        row = type(self)._default_manager.filter(pk=self.pk)
        return row.values("statement", "criterion", "version", "owner", "status").first()

    def _says_other_than(self, statement: str, criterion: str) -> bool:
        return (tidy(self.statement), tidy(self.criterion)) != (tidy(statement), tidy(criterion))

    def _is_someone_elses(self, before: dict[str, Any]) -> bool:
        return bool(before["owner"] != self.owner_id)

    def _comes_into_force(self, before: dict[str, Any]) -> bool:
        return bool(self.status == "active" and before["status"] != "active")

    def _new_version(self, reason: str) -> RequirementVersion:
        own_day = self.effective_on if self.version == 1 else current_organization().today()
        day = self.change_note.effective_on or own_day
        return RequirementVersion.of(self, reason=reason, effective_on=day, tell=self.change_note.tell)  # type: ignore[arg-type]

    @classmethod
    def after_bulk_save(cls, created: Sequence[Self], updated: Sequence[Self], changed_fields: Collection[str]) -> None:
        """Write the versions of requirements that were imported together.

        See :meth:`registers.models.Record.after_bulk_save`. Days to acknowledge begin anew for every updated row where an
        import brings owners or statuses: which of them it changed in which row is not known here.
        """
        cls._write_versions(created, _("Imported"))
        renew = bool(_RENEWING & set(changed_fields))
        if renew or {"statement", "criterion"} & set(changed_fields):
            for batch in _batches(updated):
                cls._raise_versions(batch, renew)

    @classmethod
    def _raise_versions(cls, rows: Sequence[Self], renew: bool) -> None:
        today = current_organization().today()
        keys = [row.pk for row in rows]
        kept = RequirementVersion.objects.filter(requirement__in=keys, number=F("requirement__version"))
        texts = {key: said for key, *said in kept.values_list("requirement", "statement", "criterion")}
        raised = [row for row in rows if row.pk not in texts or row._says_other_than(*texts[row.pk])]
        begun_anew = [row for row in (rows if renew else raised) if row.acknowledge_from != today]
        for row in raised:
            # Where no version was kept for its number yet, this one is it: nothing to count up.
            row.version += row.pk in texts
        for row in begun_anew:
            row.acknowledge_from = today
        written = {row.pk: row for row in (*raised, *begun_anew)}
        bulk_update(cls, list(written.values()), ["version", "acknowledge_from"])
        cls._write_versions(raised, _("Changed by an import"))

    @classmethod
    def _write_versions(cls, rows: Sequence[Self], reason: str) -> None:
        for batch in _batches(rows):
            versions = [row._new_version(getattr(row, "_change_reason", "") or reason) for row in batch]
            bulk_create(RequirementVersion, versions)


def _batches(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
