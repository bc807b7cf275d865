"""A disk that is full, read-only or gone: what is uploaded is whole or refused in a sentence, and nothing is half there."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from actions.models import Action
from customerfocus import health
from evidence.models import Attachment
from evidence.services import attach
from imports.models import ImportJob
from organizations import file_storage
from organizations.models import Organization
from organizations.scope import in_organization
from packs.build import build
from packs.models import EvidencePack
from packs.services import request_pack, retry_pack
from spreadsheets.errors import UnreadableFile
from spreadsheets.reader import open_table
from tests.people import People
from tests.spreadsheets.workbooks import save
from tests.support.disks import SmallDisk, small_disk

ClientOf = Callable[..., Client]
pytestmark = pytest.mark.django_db(transaction=True)
#: More than one write to the disk takes.
MEASURED = b"measured 12 of 12\n" * 60_000
DIGEST = hashlib.sha256(MEASURED).hexdigest()
REFUSED = "The file could not be stored, so nothing was kept of it"


@pytest.fixture
def disk(tmp_path: Path, settings: Any) -> Iterator[SmallDisk]:
    """The disk on which files of people are kept."""
    disk = small_disk(tmp_path / "disk")
    settings.MEDIA_ROOT = str(disk.at / "files")
    settings.STORAGE_LEAST_BYTES = 500_000
    yield disk
    disk.take_away()


@pytest.fixture
def action(acme: Organization, people: People) -> Action:
    with in_organization(acme):
        action = Action(title="Replace the seal", owner=people.contributor)
        action.save()
    return action


def upload(client: Client, action: Action) -> str:
    sent = {"file": SimpleUploadedFile("record.txt", MEASURED)}
    return client.post(f"/o/acme/attach/{action.reference}/", sent, follow=True).content.decode()


def ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    monkeypatch.setattr(health, "_queue", lambda: health.OK)
    monkeypatch.setattr(health, "_storage_seen", (float("-inf"), health.OK))
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["storage"]


# ---- Evidence files ----


def test_an_upload_to_a_full_disk_is_refused_and_accepted_whole_when_there_is_room(
    disk: SmallDisk, people: People, action: Action, client_of: ClientOf, acme: Organization
) -> None:
    disk.fill(leaving=300_000)
    manager = client_of(people.quality_manager)
    assert REFUSED in upload(manager, action)
    with in_organization(acme):
        assert not Attachment.objects.exists()
    assert disk.files() == [], "Nothing is left that keeps the disk full."
    disk.empty()
    assert "The file is attached." in upload(manager, action)
    with in_organization(acme), default_storage.open(Attachment.objects.get().path) as file:
        assert file.read() == MEASURED
    assert disk.files() == [DIGEST]


def test_an_upload_to_a_disk_that_is_read_only_or_gone_is_refused(
    disk: SmallDisk, people: People, action: Action, client_of: ClientOf, settings: Any, tmp_path: Path
) -> None:
    manager = client_of(people.quality_manager)
    disk.lock()
    assert REFUSED in upload(manager, action)
    disk.unlock()
    (tmp_path / "no-folder").write_text("")
    settings.MEDIA_ROOT = str(tmp_path / "no-folder" / "files")
    assert REFUSED in upload(manager, action)


@pytest.mark.parametrize("was_attached", [True, False])
def test_half_a_file_that_a_full_disk_left_is_found_said_and_made_whole(
    people: People, action: Action, acme: Organization, caplog: pytest.LogCaptureFixture, was_attached: bool
) -> None:
    with in_organization(acme):
        path = f"attachments/{acme.pk}/{DIGEST[:2]}/{DIGEST}"
        if was_attached:
            attach(action, SimpleUploadedFile("a.txt", MEASURED), by=people.quality_manager)
        Path(default_storage.path(path)).parent.mkdir(parents=True, exist_ok=True)
        Path(default_storage.path(path)).write_bytes(MEASURED[:4096])
        with caplog.at_level(logging.ERROR):
            attach(action, SimpleUploadedFile("a.txt", MEASURED), by=people.quality_manager)
        assert Path(default_storage.path(path)).read_bytes() == MEASURED
    assert "file.restored: attachments/" in caplog.text


def test_bytes_that_are_lost_on_their_way_to_the_disk_get_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(file_storage.Damaged):
        file_storage.put("attachments/x", ContentFile(b"whole"), hashlib.sha256(b"another").hexdigest())
    assert not default_storage.exists("attachments/x")


def test_a_file_and_its_folder_are_on_disk_before_it_has_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    real = file_storage.os.fsync
    monkeypatch.setattr(file_storage.os, "fsync", lambda handle: (done.append("sync"), real(handle))[1])  # type: ignore[func-returns-value]
    monkeypatch.setattr(Path, "replace", lambda part, to: (done.append("name"), part.rename(to))[1])  # type: ignore[func-returns-value]
    file_storage.put("synced/a", ContentFile(b"a"), hashlib.sha256(b"a").hexdigest())
    assert done[:2] == ["sync", "name"] and done.count("sync") >= 2


def test_two_who_attach_the_same_file_at_once_attach_it_once(
    people: People, action: Action, acme: Organization
) -> None:
    def attached(number: int) -> int:
        try:
            with in_organization(acme):
                file = SimpleUploadedFile(f"{number}.txt", MEASURED)
                return attach(action, file, by=people.quality_manager).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(attached, range(8)))) == 1


def test_of_two_who_attach_the_last_file_that_there_is_room_for_one_is_refused(
    people: People, action: Action, acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidence.services.MOST_FILES", 3)

    def attached(number: int) -> bool:
        try:
            with in_organization(acme):
                attach(action, SimpleUploadedFile("a.txt", b"%d" % number), by=people.quality_manager)
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(attached, range(8))) == 3


# ---- Imports ----


def test_an_import_uploaded_to_a_full_disk_is_refused_in_a_sentence(
    disk: SmallDisk, people: People, client_of: ClientOf, acme: Organization
) -> None:
    disk.fill(leaving=20_000)
    table = b"Title,Owner\n" + b"Replace the seal,\n" * 5_000
    page = client_of(people.quality_manager).post(
        "/o/acme/actions/import/", {"file": SimpleUploadedFile("a.csv", table)}, follow=True
    )
    assert REFUSED in page.content.decode() and page.status_code < 500
    with in_organization(acme):
        assert not ImportJob.objects.exists()
    assert disk.files() == []


def test_a_workbook_that_finds_no_room_to_be_unpacked_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = small_disk(tmp_path / "disk")
    book = save(tmp_path / "a.xlsx", {"Sheet": [["Ref", "Text"], *([f"R-{n}", "x" * 200] for n in range(3_000))]})
    monkeypatch.setattr(tempfile, "tempdir", str(disk.at))
    try:
        disk.fill(leaving=50_000)
        with pytest.raises(UnreadableFile, match="There is no room on this machine to unpack the workbook"):
            open_table(book)
    finally:
        disk.take_away()


# ---- Packs ----


@pytest.mark.parametrize("full", ["MEDIA_ROOT", "WORK_DIR"])
def test_a_pack_on_a_full_disk_fails_with_a_sentence_and_is_whole_when_tried_again(
    tmp_path: Path, people: People, acme: Organization, settings: Any, full: str
) -> None:
    disk = small_disk(tmp_path / "disk", "24m")
    setattr(settings, full, disk.at / "files")
    try:
        with in_organization(acme):
            Action(title="Replace the seal", owner=people.contributor).save()
            pack = EvidencePack(period_from=date(2026, 7, 1), period_to=date(2026, 9, 30))
            request_pack(pack, by=people.quality_manager)
            disk.fill(leaving=30_000)
            build(pack)
            pack = EvidencePack.objects.get()
            assert pack.status == "failed" and pack.failure["what"] == "The pack couldn't be written to disk."
            assert disk.files() == []
            disk.empty()
            retry_pack(pack, by=people.quality_manager, start=lambda *_ids: None)
            build(EvidencePack.objects.get())
            pack = EvidencePack.objects.get()
            assert pack.is_stored
            content = Path(default_storage.path(pack.path)).read_bytes()
            assert hashlib.sha256(content).hexdigest() == pack.digest
    finally:
        disk.take_away()


# ---- What a monitor reads ----


def test_ready_says_of_a_storage_that_it_is_full_read_only_or_gone(
    disk: SmallDisk, client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    assert ready(client, monkeypatch) == (200, "ok"), "No file was stored yet, and none has to be."
    disk.fill(leaving=100_000)
    assert ready(client, monkeypatch) == (503, "full")
    disk.empty()
    disk.lock()
    assert ready(client, monkeypatch) == (503, "read-only")
    disk.unlock()
    (tmp_path / "no-folder").write_text("")
    settings.MEDIA_ROOT = str(tmp_path / "no-folder" / "files")
    assert ready(client, monkeypatch) == (503, "unreachable")
    assert disk.files() == []


def test_anybody_may_ask_whether_it_is_ready_without_wearing_the_disk_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []
    ready(client, monkeypatch)
    monkeypatch.setattr(health, "storage_state", lambda folder: (looks.append(folder), "ok")[1])  # type: ignore[func-returns-value]
    for _time in range(20):
        client.get("/readyz")
    assert looks == []
