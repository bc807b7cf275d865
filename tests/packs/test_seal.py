"""A rendered folder sealed as a bag and as a zip, checked with tools that others wrote."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import bagit
import openpyxl
import pytest

from packs import verify
from packs.contents import Contents, read_rows
from packs.render import ContentsChanged, render
from packs.seal import CertificateReplaced, bag_name, seal, write_tags, zip_bag
from tests.packs import samples
from trail.sealing.canonical import canonical_bytes
from typesetting.fonts import Fonts


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_pack_has_the_layout_of_its_format(bag: Path, contents: Contents) -> None:
    attachments = {f"data/attachments/{attachment.sha256}" for attachment in contents.attachments}
    registers = {
        f"data/{kind}"
        for slug in ("requirements", "risks", "feedback")
        for kind in (f"records/{slug}.jsonl", f"registers/{slug}.xlsx")
    }
    single = {f"data/{name}" for name in ("report.pdf", "evaluation.json", "pack.json", "README.txt", "verify.py")}
    single.add("data/certificate.pem")
    single |= {f"data/proofs/{name}" for name in ("siblings.bin", "seals.jsonl", "documents.leaves")}
    single |= {"data/samples/SA-0001.json", "data/sign-offs/SO-0001.json", "data/sign-offs/SO-0001.pdf"}
    single |= {f"data/proofs/{slug}.leaves" for slug in ("requirements", "risks", "feedback")}
    tags = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "tagmanifest-sha256.txt.p7s"}
    assert set(files(bag)) == attachments | registers | single | tags


def test_render_names_every_file_with_its_size_and_digest(contents: Contents, fonts: Fonts, tmp_path: Path) -> None:
    rendered = render(contents, tmp_path, fonts)
    assert {file.path: (file.size, file.sha256) for file in rendered} == {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in files(tmp_path).items()
    }


def test_two_builds_are_the_same_to_the_byte(contents: Contents, fonts: Fonts, zipped: Path, tmp_path: Path) -> None:
    render(contents, tmp_path / "again", fonts)
    seal(contents.info, tmp_path / "again", samples.certificate())
    zip_bag(tmp_path / "again", tmp_path / "again.zip", bag_name(contents.info))
    assert (tmp_path / "again.zip").read_bytes() == zipped.read_bytes()


def test_zip_bag_returns_the_digest_of_the_zip(bag: Path, tmp_path: Path) -> None:
    digest = zip_bag(bag, tmp_path / "pack.zip", "pack")
    assert digest == hashlib.sha256((tmp_path / "pack.zip").read_bytes()).hexdigest()


def test_another_certificate_than_the_report_names_seals_nothing(contents: Contents, tmp_path: Path) -> None:
    with pytest.raises(CertificateReplaced):
        seal(contents.info, tmp_path, samples.certificate("Somebody else"))
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("manifest", ["manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_sha256sum_agrees(bag: Path, manifest: str) -> None:
    done = subprocess.run(["sha256sum", "--check", "--strict", manifest], cwd=bag, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK\n") == len((bag / manifest).read_text().splitlines())


def test_bagit_library_validates(bag: Path) -> None:
    opened = bagit.Bag(str(bag))
    opened.validate()
    assert opened.info["External-Identifier"] == "EP-0017"
    assert opened.info["Bagging-Date"] == "2026-10-09"


def test_zip_unpacks_to_one_folder_that_is_the_bag(zipped: Path, bag: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(zipped) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["acme-EP-0017"]
    assert files(tmp_path / "acme-EP-0017") == files(bag)


def test_text_is_deflated_and_the_rest_stored(zipped: Path) -> None:
    with zipfile.ZipFile(zipped) as archive:
        methods = {entry.filename.partition("/")[2]: entry.compress_type for entry in archive.infolist()}
    assert methods["data/records/requirements.jsonl"] == zipfile.ZIP_DEFLATED
    assert methods["data/report.pdf"] == methods["data/registers/risks.xlsx"] == zipfile.ZIP_STORED


def test_rows_in_the_pack_are_the_rows_collected(bag: Path, contents: Contents) -> None:
    for register in contents.registers:
        packed = bag / "data" / "records" / f"{register.slug}.jsonl"
        assert packed.read_bytes() == register.rows.read_bytes()
        sheet = openpyxl.load_workbook(bag / "data" / "registers" / f"{register.slug}.xlsx").worksheets[0]
        references = [row[0] for row in list(sheet.iter_rows(values_only=True))[1:]]
        assert references == [row["reference"] for row in read_rows(packed)]


def test_evaluation_is_written_in_canonical_form(bag: Path, contents: Contents) -> None:
    assert (bag / "data" / "evaluation.json").read_bytes() == canonical_bytes(contents.evaluation)


def test_pack_json_counts_every_list(bag: Path, contents: Contents) -> None:
    described = json.loads((bag / "data" / "pack.json").read_bytes())
    assert described["counts"] == {"registers": 3, "rows": 67, "documents": 2, "attachments": 2}
    assert described["evaluation"]["count"] == len(contents.evaluation["assertions"])
    assert [register["count"] for register in described["registers"]] == [60, 7, 0]
    assert described["attachments"][0]["attached_to"] == ["REQ-0001", "REQ-0002"]


def test_readme_says_how_to_check_and_what_is_not_proved(bag: Path) -> None:
    text = (bag / "data" / "README.txt").read_text(encoding="utf-8")
    for said in (
        "EP-0017",
        "Acme Pumps GmbH",
        "sha256sum -c manifest-sha256.txt",
        "BagIt",
        "verify.py",
        "openssl cms -verify",
        samples.certificate().signer.readable_fingerprint,
    ):
        assert said in text


def test_bag_info_keeps_to_one_line_a_field(contents: Contents, tmp_path: Path) -> None:
    name = "Acme\nPayload-Oxum: 1.1\x00 \u202eevil"
    info = replace(contents.info, organization=replace(contents.info.organization, name=name))
    (tmp_path / "data").mkdir()
    write_tags(info, tmp_path)
    lines = (tmp_path / "bag-info.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Source-Organization: Acme Payload-Oxum: 1.1[U+0000] [U+202E]evil"
    assert [line for line in lines if line.startswith("Payload-Oxum")] == ["Payload-Oxum: 0.0"]


@pytest.mark.parametrize("reference", ["EP-0017", "../../EP 17", "ΕΠ-17", "a/b\\c"])
def test_folder_in_the_zip_has_a_harmless_name(contents: Contents, reference: str) -> None:
    name = bag_name(replace(contents.info, reference=reference))
    assert name.startswith("acme") and set(name) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
    )


def test_attachment_that_is_not_the_stored_one_is_named(contents: Contents, fonts: Fonts, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    changed = replace(contents, attachments=(replace(contents.attachments[0], path=other),))
    with pytest.raises(ContentsChanged, match="Prüfprotokoll.pdf"):
        render(changed, tmp_path / "out", fonts)


@pytest.mark.parametrize("count", [59, 61])
def test_rows_other_than_announced_are_found(contents: Contents, fonts: Fonts, tmp_path: Path, count: int) -> None:
    changed = replace(contents, registers=(replace(contents.registers[0], count=count),))
    with pytest.raises(ContentsChanged, match=f"requirements has 60 rows where {count}"):
        render(changed, tmp_path, fonts)


def test_one_evidence_file_is_announced_once(contents: Contents) -> None:
    with pytest.raises(ValueError, match="twice"):
        replace(contents, attachments=contents.attachments * 2)
    with pytest.raises(ValueError, match="twice"):
        replace(contents, registers=contents.registers * 2)


def test_texts_of_a_surrogate_half_are_refused_before_anything_is_packed(
    contents: Contents, fonts: Fonts, tmp_path: Path
) -> None:
    broken = replace(
        contents, registers=(), attachments=(), evaluation={**contents.evaluation, "organization": "\ud800"}
    )
    with pytest.raises(ValueError, match="surrogates"):
        render(broken, tmp_path, fonts)


def test_pack_of_another_language_is_built(contents: Contents, fonts: Fonts, tmp_path: Path) -> None:
    render(replace(contents, info=replace(contents.info, language="de")), tmp_path, fonts)
    assert "9 Oktober 2026" in (tmp_path / "data" / "README.txt").read_text(encoding="utf-8")


def test_verifier_in_the_pack_is_that_of_the_software(bag: Path) -> None:
    assert (bag / "data" / "verify.py").read_bytes() == Path(verify.__file__).read_bytes()
