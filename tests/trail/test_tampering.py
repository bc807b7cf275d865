"""Whatever is changed past the application is found, and named: any column of any table whose rows are kept.

The tables and columns come from the models, so a new one is tampered with too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from evidence.models import Attachment
from organizations.models import Organization
from organizations.scope import in_organization
from requirements_registry.models import Requirement
from tests.support.triggers import lift
from tests.trail import sealed
from tests.trail.tamper import FAR, change, run, settle, with_checks, without_checks
from trail.models import Event, Leaf, Seal
from trail.sealing import keys, seals
from trail.sealing.findings import Report
from trail.sealing.leaves import sources
from trail.sealing.verify import verify

pytestmark = pytest.mark.django_db

#: Versions, events, current rows, leaves and seals.
TABLES = [*(source.model for source in sources()), *sealed.tracked(), Leaf, Seal]


@pytest.fixture(scope="module")
def house(kept_db: None) -> Iterator[Organization]:
    """One sealed organization for all; each test takes back what it did."""
    without_checks()
    lift(connection)
    organization = sealed.furnish()
    settle()
    with in_organization(organization):
        yield organization
    with_checks()


@contextmanager
def tampering() -> Iterator[None]:
    """What is done inside the block is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def named(report: Report, table: str, row: Any) -> bool:
    """Whether the report names the table and the row."""
    assert all(str(finding) in "\n".join(report.lines()) for finding in report.findings)
    return any(
        (found.table == table and str(row) in str(found.row).split(" / "))
        or f"(table {table}, row {row})" in found.text
        for found in report.findings
    )


def pk_of(model: Any) -> Any:
    """A row of the current organization that has others before and behind it, where there are so many."""
    if model is Organization:
        return Organization.objects.get(slug="sealed").pk
    if not hasattr(model, "organization_id"):  # versions of organizations
        return model.objects.filter(slug="sealed").first().pk
    rows = model._base_manager.filter(organization__slug="sealed").order_by("pk").values_list("pk", flat=True)
    return rows[len(rows) // 2]


def test_what_was_left_alone_is_sound_and_counted(house: Organization) -> None:
    report = verify()
    assert report.findings == []
    assert (report.leaves, report.seals) == (Leaf.objects.count(), Seal.objects.count())
    assert report.rows >= len(sealed.tracked())
    assert report.unsealed == 0


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.db_table)
def test_a_change_of_any_column_is_found_and_named(house: Organization, model: Any) -> None:
    key, table, missed = pk_of(model), model._meta.db_table, []
    for field in model._meta.concrete_fields:
        with tampering():
            change(model, key, field)
            report = verify(tables=None if model in (Leaf, Seal) else {table})
        # A row that isn't there any more under its number is named by its old one, or by its place.
        place = [key, f"index {_index(key)}"] if model is Leaf else [key]
        new = [key + FAR] if field.primary_key else []
        if not any(named(report, table, row) for row in [*place, *new]) and not _gap_is_named(model, report):
            missed.append((field.name, report.lines()))
    assert missed == []


def _index(key: int) -> int:
    return int(Leaf.objects.get(pk=key).index)


def _gap_is_named(model: Any, report: Report) -> bool:
    """A seal that went to another organization is missed between its neighbours."""
    return model is Seal and any(
        found.table == "trail_seal" and "comes seal" in found.text for found in report.findings
    )


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.table)
def test_a_version_or_event_that_is_removed_put_in_or_moved_is_found(house: Organization, source: Any) -> None:
    rows = list(source.model._base_manager.filter(**_ours(source)).order_by("pk").values_list("pk", flat=True)[:2])
    key, table, column = rows[0], source.table, source.key
    columns = ", ".join(
        connection.ops.quote_name(str(field.column))
        for field in source.model._meta.concrete_fields
        if not field.primary_key
    )
    with tampering():
        run(f'DELETE FROM "{table}" WHERE "{column}" = %s', key)
        assert named(verify(tables={table}), table, key)
    with tampering():
        run(
            f'INSERT INTO "{table}" ("{column}", {columns}) SELECT {FAR}, {columns} FROM "{table}" WHERE "{column}" = %s',
            key,
        )
        assert named(verify(tables={table}), table, FAR)
        seals.seal()
        assert named(verify(tables={table}), table, FAR), "sealing it later doesn't help"
    if len(rows) == 2:
        with tampering():
            for old, new in ((rows[0], FAR), (rows[1], rows[0]), (FAR, rows[1])):
                run(f'UPDATE "{table}" SET "{column}" = %s WHERE "{column}" = %s', new, old)
            report = verify(tables={table})
            assert named(report, table, rows[0])
            assert named(report, table, rows[1])


def _ours(source: Any) -> dict[str, Any]:
    return {source.organization: Organization.objects.get(slug="sealed").pk}


@pytest.mark.parametrize("model", sealed.tracked(), ids=lambda model: model._meta.db_table)
def test_a_row_without_a_version_or_gone_without_one_is_found(house: Organization, model: Any) -> None:
    key, table, history = pk_of(model), model._meta.db_table, model.history.model._meta.db_table
    pk = model._meta.pk.column
    with tampering():
        run(f'DELETE FROM "{table}" WHERE "{pk}" = %s', key)
        assert named(verify(tables={table}), table, key)
    with tampering():
        run(f'DELETE FROM "{history}" WHERE "{pk}" = %s', key)
        assert named(verify(tables={table}), table, key)


def test_a_seal_or_leaf_that_is_removed_is_missed(house: Organization) -> None:
    for model in (Leaf, Seal):
        with tampering():
            key = pk_of(model)
            index = _index(key) if model is Leaf else None
            run(f'DELETE FROM "{model._meta.db_table}" WHERE "id" = %s', key)
            report = verify()
            assert named(report, "trail_leaf", f"index {index}") or _gap_is_named(model, report)


def cut_off_the_last_seal() -> None:
    """Remove the last seal with its leaves and their rows, so that nothing of it is left."""
    last = Seal.objects.first()
    assert last is not None
    for source in sources():
        run(
            f'DELETE FROM "{source.table}" WHERE "{source.key}" IN '
            '(SELECT "key" FROM "trail_leaf" WHERE "source" = %s AND "index" >= %s)',
            source.table, last.previous_size,
        )  # fmt: skip
    run(
        'DELETE FROM "trail_leaf" WHERE "index" >= %s AND "organization_id" = %s',
        last.previous_size,
        last.organization_id,
    )
    run('DELETE FROM "trail_seal" WHERE "id" = %s', last.pk)


def test_a_tail_that_was_cut_off_is_missed_by_the_head_beside_the_key(house: Organization) -> None:
    latest = Seal.objects.first()
    assert latest is not None
    with tampering():
        cut_off_the_last_seal()
        assert not any("cut off" in finding.text for finding in verify().findings)
        keys.keep_head(house.slug, latest.note, latest.size)
        try:
            report = verify()
        finally:
            keys._head_path(house.slug).unlink()
        assert any("Its end was cut off" in finding.text for finding in report.findings)


def test_a_history_written_anew_with_the_real_key_is_found_only_by_a_head_kept_elsewhere(house: Organization) -> None:
    head = Seal.objects.get(purpose=Seal.Purpose.MAIL).note
    event = Event.objects.get(verb="looked")
    assert verify(heads={"the auditor's head": head}).contained == ["the auditor's head"]
    with tampering():
        run('UPDATE "trail_event" SET "subject" = %s WHERE "id" = %s', "REQ-0009", event.pk)
        run('DELETE FROM "trail_leaf" WHERE "organization_id" = %s', house.pk)
        run('DELETE FROM "trail_seal" WHERE "organization_id" = %s', house.pk)
        seals.seal(Seal.Purpose.MAIL)
        assert verify().findings == []
        (finding,) = verify(heads={"the auditor's head": head}).findings
        assert "the auditor's head" in finding.text
        assert "written anew" in finding.text


def test_another_key_does_not_pass_for_the_one_that_signed(house: Organization, settings: Any, tmp_path: Any) -> None:
    settings.SIGNING_KEY_FILE = str(tmp_path / "seal.pem")
    first = Seal.objects.order_by("number").first()
    assert first is not None
    report = verify()
    assert named(report, "trail_seal", first.pk)
    assert "signed by no key that is known here" in str(report.findings[0])


def test_a_key_that_was_rotated_still_verifies(house: Organization) -> None:
    keys.rotate()
    assert verify().findings == []


def test_a_file_that_was_swapped_or_is_gone_is_found(house: Organization) -> None:
    attachment = Attachment.objects.get()
    default_storage.delete(attachment.path)
    assert named(verify(), "evidence_attachment", attachment.pk)
    default_storage.save(attachment.path, ContentFile(b"Other"))
    try:
        report = verify(tables={"evidence_attachment"})
        assert named(report, "evidence_attachment", attachment.pk)
        assert "isn't what was attached" in str(report.findings[0])
    finally:
        default_storage.delete(attachment.path)
        default_storage.save(attachment.path, ContentFile(b"Proof"))


def test_what_was_written_since_the_latest_seal_is_counted_not_blamed(house: Organization) -> None:
    with tampering():
        requirement = Requirement.objects.order_by("pk").first()
        requirement.title = "Changed as it should be"
        sealed.as_committed()
        requirement.save()
        report = verify()
    assert report.findings == []
    assert report.unsealed == 1
