"""Drafts and the register's rows: which are new, which change or stay, which can't go in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from imports.converter import Converter
from imports.drafts import Draft, Problem
from imports.feeds import attribute
from imports.reimport import too_long
from organizations.scope import current_organization
from registers.custom_fields.models import CustomField, merged
from registers.export import fitting
from registers.models import Record
from registers.parsing.constraints import violations
from registers.parsing.targets import EXTERNAL_ID, REFERENCE, Target
from spreadsheets.values import ErrorSign, legible

#: Attributes that follow from a change rather than being one.
_FOLLOWING = {"revision", "changed_at"}


def _is_told(kept: object, value: object) -> bool:
    """Return whether what a file gives is the value that is kept.

    Of moments files tell the time of day, to the second or the minute, and workbooks hold them as fractions of days, which come
    back a little before or after. Of texts files tell what can be read, and workbooks the beginning of very long ones.
    """
    if isinstance(kept, str) and isinstance(value, str):
        return value == kept or value == legible(kept) or value == legible(fitting(kept))
    if not (isinstance(kept, datetime) and isinstance(value, datetime)):
        return bool(kept == value)
    zone = current_organization().zone
    shown, told = (each.astimezone(zone).replace(tzinfo=None) for each in (kept, value + timedelta(milliseconds=500)))
    return told.replace(microsecond=0) in (shown.replace(microsecond=0), shown.replace(second=0, microsecond=0))


class Matcher:
    """The drafts of one file held against a register, a chunk at a time.

    The number of queries doesn't grow with the rows.
    """

    def __init__(self, model: type[Record], converter: Converter) -> None:
        self.model, self.converter = model, converter
        self.targets = [feed.target for feed in converter.feeds.values()]
        self._attributes = [field.attname for field in model._meta.concrete_fields if field.attname not in _FOLLOWING]
        self._custom = {target.name: target.custom for target in self.targets if target.custom}
        self._retired = {name: retired for name, each in self._custom.items() if (retired := each.retired)}
        # Only of an own export error signs come this far: the converter refuses them in other files.
        self._may_hold_signs = converter.mapping.is_of_own_export
        keys = [target for target in self.targets if target.kind in ("person", "site", "record")]
        self._keys = [target for target in keys if not target.custom]
        self._links = [target for target in self.targets if target.kind == "records"]
        self._only_new = converter.only_new
        self._asked = [target for target in converter.targets.values() if target.asked_with]
        # Keys were looked up and the rest wasn't given by the file, so only what was parsed is validated field by field.
        parsed = {target.name for target in self.targets if target.sets_column and target not in self._keys}
        self._not_cleaned = {field.name for field in model._meta.fields if field.name not in parsed}
        # The register's rows that the file is about, and the external ids that rows get: each with the number of the file's row.
        self._rows: dict[int, int] = {}
        self._given: dict[str, int] = {}

    def match(self, drafts: Sequence[Draft], *, lock: bool = False) -> None:
        """Settle each draft that has no problem yet.

        It gets its record, whether it is new and what changes, or why it can't go in.

        Args:
            drafts: drafts of one file.
            lock: whether the register's rows are about to be written, and nobody else may change them till then.
        """
        sound = [draft for draft in drafts if not draft.problems]
        existing = self._existing(sound, lock)
        links = self._existing_links([record.pk for record in existing.values()])
        instances = self._instances(sound)
        settled = []
        for draft in sound:
            record = existing.get((draft.by_reference, draft.key))
            if self._begins(draft, record):
                before = self._apply(draft, record, instances)
                self._refuse_unsaid(draft, before)
                self._compare_links(draft, links)
                # A row that stays as it is has nothing to be checked.
                if (
                    before is None
                    or draft.changed
                    or draft.beside
                    or any(getattr(draft.record, name) != value for name, value in before.items())
                ):
                    settled.append((draft, before))
        self._refuse_taken(settled)
        self._validate(settled)

    def _begins(self, draft: Draft, record: Record | None) -> bool:
        """Return whether a draft can be held against the register; otherwise it gets a problem."""
        if record is None and draft.by_reference:
            self._refuse(
                draft,
                REFERENCE,
                _("This register has no row %(key)s.") % {"key": draft.key},
                _("Leave the cell empty to record a new row."),
            )
        elif record is not None and record.is_archived:
            reason = _("%(reference)s is the row with this id, and it is archived.") % {"reference": record.reference}
            self._refuse(
                draft,
                REFERENCE if draft.by_reference else EXTERNAL_ID,
                reason,
                _("Restore it first, or take the row out of the file."),
            )
        elif record is not None and (first := self._rows.setdefault(record.pk, draft.row.number)) != draft.row.number:
            # One of them names it by reference, the other by external id.
            self._refuse(
                draft,
                REFERENCE if draft.by_reference else EXTERNAL_ID,
                _("Row %(number)s has the same id.") % {"number": first},
                _("Give each row an id of its own, or take one of them out."),
            )
        return not draft.problems

    def _apply(
        self, draft: Draft, record: Record | None, instances: dict[str, dict[int, Any]]
    ) -> dict[str, Any] | None:
        """Put a draft's values into its record; return those from before, None for a new one."""
        draft.is_new = record is None
        before = None if record is None else {name: getattr(record, name) for name in self._attributes}
        values = (
            dict(draft.values)
            if record is None
            else {name: value for name, value in draft.values.items() if name not in self._only_new}
        )
        given = {name: definition.kept(values.pop(name)) for name, definition in self._custom.items() if name in values}
        if record is None or before is None:
            record = self.model(organization=current_organization(), **values)
            self._refuse_signs(draft, values)
            self._refuse_signs(draft, given)
        else:
            given = {name: value for name, value in given.items() if not _is_told(record.custom.get(name), value)}
            self._refuse_signs(draft, given)
            for name, value in values.items():
                if not _is_told(before[name], value):
                    self._refuse_cut(draft, name, before[name], value)
                    self._refuse_signs(draft, {name: value})
                    setattr(record, name, value)
        record.custom = merged(record.custom, given)
        for target in self._keys:
            key = values.get(attribute(target))
            if key is not None:
                setattr(record, target.name, instances[target.name][key])
        draft.record = record
        return before

    def _refuse_unsaid(self, draft: Draft, before: Mapping[str, Any] | None) -> None:
        """Refuse numbers of which neither the row's cells nor the register says how they are to be read."""
        for target in self._asked:
            given = {**draft.values, **draft.beside}
            told = [self.converter.targets[name].label for name in target.asked_with if _holds(given, name)]
            held = before is not None and any(_holds(before, name) for name in target.asked_with)
            if told and not held and not _holds(given, target.name):
                reason = _("“%(field)s” isn't said, and %(numbers)s can't be read without it.")
                names = {"field": target.label, "numbers": ", ".join(told)}
                self._refuse(draft, target.name, reason % names, _("Fill it in, or say it for all rows."))

    def _refuse_taken(self, settled: Sequence[tuple[Draft, dict[str, Any] | None]]) -> None:
        """Refuse rows that get an external id which another row has, or gets: one query for all.

        An id counts as taken even if the row that has it gets another one from the same file: rows are written in portions, each
        of which would have to wait for a later one.
        """
        given = [
            (draft, external_id)
            for draft, before in settled
            if (external_id := getattr(draft.record, EXTERNAL_ID))
            and (before is None or external_id != before[EXTERNAL_ID])
        ]
        # New rows are new because no row has their external id.
        asked = [external_id for draft, external_id in given if not draft.is_new]
        taken = (
            set(self.model.objects.known_by(EXTERNAL_ID, asked).values_list(EXTERNAL_ID, flat=True)) if asked else ()
        )
        remedy = _(
            "Give each row an id of its own. Where ids move between rows, import the file with these cells empty first."
        )
        for draft, external_id in given:
            number = draft.row.number
            if external_id in taken or self._given.setdefault(external_id, number) != number:
                self._refuse(draft, EXTERNAL_ID, _("Another row has this external id."), remedy)

    def _validate(self, settled: Sequence[tuple[Draft, dict[str, Any] | None]]) -> None:
        for draft, _before in settled:
            self._clean(draft)
        sound = [(draft, before) for draft, before in settled if not draft.problems]
        # The rules look at computed fields too.
        self.model.prepare([draft.record for draft, _before in sound])
        for draft, before in sound:
            for message in violations(draft.record):  # type: ignore[arg-type]
                self._refuse(draft, "", message, _("Correct the row in the file."))
            if before is not None:
                draft.before = dict(_changed(before, draft.record)) | draft.before
                draft.changed = list(draft.before)
            self._refuse_retired(draft)
        self._look_beside([draft for draft, _before in sound if draft.beside])

    def _look_beside(self, drafts: Sequence[Draft]) -> None:
        """Refuse what is wrong with what is told beside rows, and see where it writes something."""
        for draft in drafts:
            assert draft.record is not None
            for field, message in self.model.beside_errors(draft.record, draft.beside).items():
                self._refuse(draft, field, message, _("Correct it in the file, or say another scale."))
        good = [(draft, draft.record) for draft in drafts if draft.record is not None and not draft.problems]
        writes = self.model.writes_beside([(record, draft.beside) for draft, record in good]) if good else ()
        for (draft, _record), writes_something in zip(good, writes, strict=True):
            draft.writes_beside = writes_something

    def _refuse_retired(self, draft: Draft) -> None:
        """Refuse choices that are offered no more, but where they stand already."""
        for name, retired in self._retired.items():
            value = draft.values.get(name)
            if value in retired and (draft.is_new or name in draft.before):
                reason = _("“%(choice)s” is no longer offered.") % {"choice": retired[value]}
                offered = ", ".join(self._custom[name].offered.values())
                self._refuse(draft, name, reason, _("Choose one of these: %(labels)s.") % {"labels": offered})

    def _clean(self, draft: Draft) -> None:
        record = draft.record
        assert record is not None
        try:
            record.clean_fields(exclude=self._not_cleaned)
            record.clean()
        except ValidationError as error:
            draft.problems += self._problems(draft, error)
        for name, definition in self._custom.items():
            try:
                definition.field.run_validators(draft.values.get(name))
            except ValidationError as error:
                draft.problems += self._problems(draft, ValidationError({name: error}))

    def _problems(self, draft: Draft, error: ValidationError) -> Iterable[Problem]:
        by_field = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for field, messages in by_field.items():
            for message in messages:
                yield self.converter.problem(
                    draft.row,
                    "" if field == NON_FIELD_ERRORS else field,
                    message,
                    _("Correct it in the file, or map the columns differently."),
                    draft.question,
                )

    def _refuse_cut(self, draft: Draft, name: str, kept: object, value: object) -> None:
        """Refuse a new text where a workbook held only the beginning of the old one.

        To empty it is no such mistake.
        """
        in_workbook = draft.by_reference and self.converter.table.format != "csv"
        if in_workbook and value and isinstance(kept, str) and fitting(kept) != kept:
            self._refuse(draft, name, *too_long(self.converter.targets[name].label))

    def _refuse_signs(self, draft: Draft, values: Mapping[str, Any]) -> None:
        """Refuse what a workbook shows where a formula failed.

        It is no text but where the row holds it already.
        """
        for name, value in values.items() if self._may_hold_signs else ():
            if isinstance(value, ErrorSign):
                self._refuse(draft, name, str(value.bad.message), str(value.bad.remedy))

    def _refuse(self, draft: Draft, field: str, reason: str, remedy: str) -> None:
        draft.problems.append(self.converter.problem(draft.row, field, reason, remedy, draft.question))

    def _existing(self, drafts: Sequence[Draft], lock: bool) -> dict[tuple[bool, str], Record]:
        """Return the register's rows that the drafts are about, archived ones too.

        One query for each kind of key.
        """
        rows: Any = self.model.objects.all()
        if lock:
            rows = rows.select_for_update()
        found: dict[tuple[bool, str], Record] = {}
        for by_reference, name in ((True, REFERENCE), (False, EXTERNAL_ID)):
            keys = [draft.key for draft in drafts if draft.by_reference is by_reference]
            if keys:
                found |= {(by_reference, getattr(row, name)): row for row in rows.known_by(name, keys)}
        return found

    def _instances(self, drafts: Sequence[Draft]) -> dict[str, dict[int, Any]]:
        """Return what the drafts' keys point to, so that neither validation nor writing has to ask."""
        found: dict[str, dict[int, Any]] = {}
        for target in self._keys:
            name = attribute(target)
            keys = {key for draft in drafts if (key := draft.values.get(name)) is not None}
            found[target.name] = self.converter.lookups.of(target).instances(keys) if keys else {}
        return found

    def _existing_links(self, keys: Sequence[int]) -> dict[str, dict[int, set[int]]]:
        """Return what the register's rows are linked to now."""
        return {target.name: linked(target, keys) for target in self._links if keys}

    def _compare_links(self, draft: Draft, links: dict[str, dict[int, set[int]]]) -> None:
        if draft.record is None or draft.is_new:
            return
        present = {name: links[name].get(draft.record.pk, set()) for name in draft.links}
        draft.before = {name: present[name] for name, wanted in draft.links.items() if set(wanted) != present[name]}
        draft.changed = list(draft.before)


def _holds(values: Mapping[str, Any], name: str) -> bool:
    return values.get(name) not in (None, "")


def _changed(before: Mapping[str, Any], record: Any) -> Iterator[tuple[str, Any]]:
    """Yield the attributes in which a record differs from before, with what they were.

    Of its custom fields the keys.
    """
    for name, old in before.items():
        new = getattr(record, name)
        if name == CustomField.LEAF:
            yield from ((key, old.get(key)) for key in {**old, **new} if old.get(key) != new.get(key))
        elif new != old:
            yield name, old


def linked(target: Target, keys: Sequence[int]) -> dict[int, set[int]]:
    """Return the rows that a many-to-many field links to each of some records."""
    field = target.field
    assert isinstance(field, models.ManyToManyField)
    here, there = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    found: defaultdict[int, set[int]] = defaultdict(set)
    through: Any = field.remote_field.through  # type: ignore[attr-defined]
    for key, other in through._default_manager.filter(**{f"{here}__in": keys}).values_list(here, there):
        found[key].add(other)
    return found
