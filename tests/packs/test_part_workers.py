"""A pack built by several workers, here as calls in this process; killed ones are in tests/faults."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from actions.models import Action
from organizations.jobs import MOST_ATTEMPTS
from organizations.models import Organization
from organizations.scope import in_organization
from packs import build as pipeline
from packs import chunks, part_workers, parts
from packs.build import build, remove_leftovers
from packs.models import EvidencePack, PackPart
from packs.part_workers import folder_of, help_build, make_next, pieces_of
from packs.services import cancel_pack, request_pack
from packs.workbook import sheet_xml
from tests.people import People
from trail.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def inside(acme: Organization, people: People, monkeypatch: pytest.MonkeyPatch) -> Iterator[Organization]:
    """Acme with five actions, which are cut into three parts; typesetting and signing it are left out."""
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 2)
    monkeypatch.setattr(part_workers, "CHUNK_ROWS", 2)
    monkeypatch.setattr(
        "packs.report.report.print_pdf", lambda template, data, fonts, to, seconds: to.write_bytes(b"%PDF")
    )
    monkeypatch.setattr("packs.seal.sign_pdf", lambda path, certificate, at: None)
    with in_organization(acme):
        for number in range(5):
            Action(title=f"Action {number}", owner=people.contributor).save()
        yield acme


@pytest.fixture
def pack(inside: Organization, people: People) -> EvidencePack:
    wanted = EvidencePack(period_from=date(2026, 7, 1), period_to=date(2026, 9, 30), sub_clauses="b")
    return request_pack(wanted, by=people.quality_manager)


def again(pack: EvidencePack) -> EvidencePack:
    """The same request, as if it had never been built."""
    pack.refresh_from_db()
    Path(default_storage.path(pack.path)).unlink()
    EvidencePack.objects.filter(pk=pack.pk).update(status="queued", lease_token="", leased_until=None, steps={})
    return EvidencePack.objects.get(pk=pack.pk)


def built(pack: EvidencePack, call: Any = None) -> EvidencePack:
    build(pack, call)
    pack.refresh_from_db()
    assert pack.is_stored, pack.failure
    return pack


def test_whoever_makes_the_parts_the_bytes_are_the_same(pack: EvidencePack) -> None:
    alone = built(pack).digest
    helped = built(again(pack), call=lambda *_ids: make_next(pack))  # a helper that is there at once
    assert helped.digest == alone
    whole = again(pack)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(part_workers, "make_next", lambda _pack: PackPart.objects.update(status=PackPart.DONE))
        assert built(whole).digest == alone  # no part was made: rendering makes what is missing


def test_others_are_called_once_there_is_more_than_one_part_and_no_more_than_allowed(
    pack: EvidencePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[int, ...]] = []
    built(pack, call=lambda *ids: called.append(ids))
    assert called == [(pack.organization_id, pack.pk)] * 3  # three parts of rows and the report: three can help
    monkeypatch.setattr(settings, "PACK_WORKERS", 2)
    built(again(pack), call=lambda *ids: called.append(ids))
    assert len(called) == 4


def test_a_pack_of_few_rows_is_one_part_and_calls_nobody(pack: EvidencePack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 1000)
    monkeypatch.setattr(part_workers, "CHUNK_ROWS", 1000)
    called: list[tuple[int, ...]] = []
    built(pack, call=lambda *ids: called.append(ids))
    assert called == []


def test_a_queue_that_is_down_costs_speed_only(pack: EvidencePack) -> None:
    def down(*_ids: int) -> None:
        raise ConnectionError("no queue")

    built(pack, call=down)


def test_parts_and_folder_are_gone_when_the_pack_is_there(pack: EvidencePack) -> None:
    built(pack)
    assert not PackPart.objects.exists()
    assert not folder_of(pack).exists()


def test_pieces_of_an_attempt_that_was_cut_off_are_used_by_the_next(
    pack: EvidencePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Ends a build as a killed process does: nothing is written any more."""

    made: list[str] = []
    write = sheet_xml.write_piece

    def counted(to: Path, blocks: Any) -> None:
        if len(made) == 2:
            raise Killed
        write(to, blocks)
        made.append(to.name)

    with monkeypatch.context() as patched:
        patched.setattr(sheet_xml, "write_piece", counted)
        with pytest.raises(Killed):
            build(pack)
    assert {piece.name for piece in pieces_of(pack).iterdir()} > set(made)  # and leaves

    def noted(to: Path, blocks: Any) -> None:
        write(to, blocks)
        made.append(to.name)

    first = list(made)
    monkeypatch.setattr(sheet_xml, "write_piece", noted)
    built(EvidencePack.objects.get(pk=pack.pk))
    assert len(made) == len(set(made)) > len(first)


def test_a_part_that_fails_anywhere_fails_the_pack_with_its_reason(
    pack: EvidencePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(parts, "write_cells", full)
    build(pack)
    pack.refresh_from_db()
    assert pack.has_failed and "free space" in pack.failure["remedy"]
    assert not PackPart.objects.exists() and not folder_of(pack).exists()


def test_a_part_that_lost_too_many_workers_fails_the_pack(pack: EvidencePack, monkeypatch: pytest.MonkeyPatch) -> None:
    offer = part_workers.Sharing.offer_report

    def worn_out(*arguments: Any) -> None:
        offer(*arguments)
        PackPart.objects.update(attempts=MOST_ATTEMPTS)

    monkeypatch.setattr(part_workers.Sharing, "offer_report", worn_out)
    build(pack)
    pack.refresh_from_db()
    assert pack.has_failed and "each time the worker stopped" in pack.failure["what"]


def test_a_pack_given_up_between_two_parts_ends_there(
    pack: EvidencePack, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def cancelled(sheet: Any, rows: Path, chunk: Any, to: Path) -> None:
        made.append(to.name)
        cancel_pack(pack, by=people.quality_manager)

    monkeypatch.setattr(parts, "write_cells", cancelled)
    build(pack)
    pack.refresh_from_db()
    assert (pack.status, len(made)) == (EvidencePack.Status.CANCELLED, 1)
    assert not Event.objects.filter(verb="stored a pack").exists()
    assert not PackPart.objects.exists() and not folder_of(pack).exists()


def test_a_helper_leaves_when_there_is_nothing_to_help_with(pack: EvidencePack) -> None:
    help_build(pack)  # nobody builds it
    built(pack)
    help_build(pack)


def test_the_page_says_which_part_is_being_made(pack: EvidencePack, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    make = part_workers.make_next

    def heard(job: EvidencePack) -> bool:
        said.append(EvidencePack.objects.get(pk=job.pk).message)
        return make(job)

    monkeypatch.setattr(part_workers, "make_next", heard)
    built(pack)
    assert said == ["part 1 of 4", "part 2 of 4", "part 3 of 4", "part 4 of 4"]


def test_folders_that_belong_to_no_pack_under_way_are_removed(pack: EvidencePack) -> None:
    left = folder_of(pack)
    left.mkdir(parents=True)
    remove_leftovers()
    assert left.exists()  # it waits for a worker
    EvidencePack.objects.update(status=EvidencePack.Status.CANCELLED)
    remove_leftovers()
    assert not left.exists()


def test_progress_grows_from_step_to_step(pack: EvidencePack, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    render = pipeline.render

    def looked(*arguments: Any) -> Any:
        seen.append(EvidencePack.objects.get(pk=pack.pk).progress)
        return render(*arguments)

    monkeypatch.setattr(pipeline, "render", looked)
    built(pack)
    assert seen == [50]
