"""verify.py, the script inside the pack: what it says about whole packs, damaged ones and forged ones."""

from __future__ import annotations

import ast
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from packs import seal, verify
from packs.contents import Contents
from tests.packs import samples
from trail.sealing.canonical import canonical_bytes

Run = Callable[..., tuple[int, str]]


def flip(file: Path, at: int, bit: int = 0) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 1 << bit
    file.write_bytes(content)


def reseal(folder: Path, info: Any) -> None:
    """What a forger who has the key would do: make manifests and signature agree with the changed files."""
    seal.close(info, folder, samples.certificate())


def change_json(folder: Path, name: str, change: Callable[[Any], None]) -> None:
    file = folder / "data" / name
    value = json.loads(file.read_bytes())
    change(value)
    file.write_bytes(canonical_bytes(value))
    if name == "evaluation.json":
        digest = sha256(file.read_bytes()).hexdigest()
        change_json(folder, "pack.json", lambda pack: pack["evaluation"].update(sha256=digest))


# ---- Whole packs ----


@pytest.mark.parametrize("shape", ["zipped", "bag"])
def test_whole_pack_passes_and_says_first_that_origin_is_not_proved(
    run: Run, request: pytest.FixtureRequest, shape: str
) -> None:
    code, said = run(request.getfixturevalue(shape))
    assert code == 0
    assert said.splitlines()[0] == "Origin not proved: nobody told us a fingerprint. This pack is consistent in itself."
    assert "none of its 28 files is missing, added or changed" in said
    assert "3 registers have the 67 rows" in said
    assert "8 statements" in said
    assert "Can't be proved: that what was recorded is true" in said


def test_digest_of_the_zip_is_printed_to_be_compared(run: Run, zipped: Path) -> None:
    assert sha256(zipped.read_bytes()).hexdigest() in run(zipped)[1]


def pythons() -> list[str]:
    """This Python, and the oldest that the script promises to run on, where it is installed and runs."""
    oldest = shutil.which("python3.9")
    runs = oldest and subprocess.run([oldest, "--version"], capture_output=True).returncode == 0
    return [sys.executable, oldest] if oldest and runs else [sys.executable]


@pytest.mark.parametrize("python", pythons())
def test_script_in_the_pack_runs_alone(bag: Path, zipped: Path, tmp_path: Path, python: str) -> None:
    script = shutil.copy(bag / "data" / "verify.py", tmp_path)
    done = subprocess.run([python, "-I", "-S", script, str(zipped)], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_output_survives_a_terminal_without_unicode(zipped: Path, copy: Path) -> None:
    (copy / "data" / "Ünïcode").write_bytes(b"")
    command = [sys.executable, "-I", "-X", "utf8=0", str(copy / "data" / "verify.py"), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "POSIX"})
    assert (done.returncode, done.stderr) == (1, "")


def test_script_is_python_3_9_and_imports_only_the_standard_library() -> None:
    tree = ast.parse(Path(verify.__file__).read_text(), feature_version=(3, 9))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert "socket" not in imported and "urllib" not in imported


@pytest.mark.parametrize("written", ["{}", "SHA256:{}", "sha256 Fingerprint={}", " {} "])
def test_fingerprint_told_over_another_channel_proves_origin(run: Run, zipped: Path, written: str) -> None:
    told = samples.certificate().signer
    for fingerprint in (told.fingerprint, told.readable_fingerprint):
        code, said = run(zipped, "--fingerprint", written.format(fingerprint))
        assert code == 0 and said.startswith("Origin proved: the certificate has the fingerprint that you gave.")


@pytest.mark.parametrize("given", ["00" * 32, "", "not a fingerprint", "\x1b[31m"])
def test_another_fingerprint_is_wrong(run: Run, zipped: Path, given: str) -> None:
    code, said = run(zipped, f"--fingerprint={given}")
    assert code == 1 and said.startswith("Origin not proved, and something is wrong")
    assert "is not that of the certificate" in said and "\x1b" not in said


@pytest.mark.parametrize(("tool", "file"), [("openssl", "tagmanifest-sha256.txt.p7s"), ("pdfsig", "data/report.pdf")])
def test_says_which_tools_were_used(run: Run, zipped: Path, tool: str, file: str) -> None:
    if not shutil.which(tool):
        pytest.skip(f"{tool} is not installed here")
    assert f"Proved: {tool} agrees with {file}." in run(zipped)[1]


def test_says_what_was_not_checked_where_there_are_no_tools(
    run: Run, zipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    code, said = run(zipped)
    assert code == 0
    assert "not checked: no openssl here" in said and "not checked: no pdfsig here" in said
    assert "Proved: the pack was signed with the certificate 'CN=Acme Pumps GmbH'" in said


def test_a_tool_that_does_not_end_or_says_nothing_is_not_taken_for_a_verdict(
    run: Run, zipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tool in ("openssl", "pdfsig"):
        (tmp_path / tool).write_text("#!/bin/sh\nexit 3\n")
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    code, said = run(zipped)
    assert code == 0 and said.count("not checked: it said nothing") == 2


# ---- Signatures ----


def test_every_byte_of_the_signature_counts(run: Run, copy: Path, no_tools: None) -> None:
    file = copy / "tagmanifest-sha256.txt.p7s"
    whole = file.read_bytes()
    for at in range(0, len(whole), 13):
        flip(file, at, at % 8)
        code, said = run(copy)
        assert code == 1 and "tagmanifest-sha256.txt.p7s" in said, at
        file.write_bytes(whole)
    for damaged in (whole + b"\0", whole[:-1], b"", whole * 2):
        file.write_bytes(damaged)
        assert run(copy)[0] == 1


def test_manifests_made_anew_without_the_key_are_found(run: Run, copy: Path, contents: Contents) -> None:
    (copy / "data" / "README.txt").write_text("All is well.")
    seal.write_tags(contents.info, copy)
    code, said = run(copy)
    assert code == 1 and "tagmanifest-sha256.txt is not what was signed" in said


def test_a_signature_by_another_certificate_is_found(run: Run, copy: Path, contents: Contents) -> None:
    seal.close(contents.info, copy, samples.certificate("Somebody else"))
    code, said = run(copy)
    assert code == 1 and "is the signature of another certificate than data/certificate.pem" in said


def test_a_pack_signed_anew_with_a_certificate_of_the_same_name_has_another_fingerprint(
    run: Run, copy: Path, contents: Contents
) -> None:
    other = samples.certificate.__wrapped__("Acme Pumps GmbH")
    (copy / "data" / "certificate.pem").write_text(other.signer.certificates)
    change_json(copy, "pack.json", lambda value: value["signature"].update(fingerprint=other.signer.fingerprint))
    seal.close(contents.info, copy, other)
    code, said = run(copy)
    assert code == 1 and "data/report.pdf is not signed with the certificate of the pack" in said
    code, said = run(copy, "--fingerprint", contents.info.signer.fingerprint)
    assert code == 1 and "is not that of the certificate" in said


def test_signature_and_time_stamp_announced_and_taken_away_are_missed(run: Run, copy: Path, contents: Contents) -> None:
    change_json(copy, "pack.json", lambda value: value["signature"].update(timestamped=True))
    reseal(copy, contents.info)
    assert "tagmanifest-sha256.txt.tsr is missing; it announces one" in run(copy)[1]
    (copy / "tagmanifest-sha256.txt.p7s").unlink()
    assert "tagmanifest-sha256.txt.p7s is missing" in run(copy)[1]


# ---- Damaged packs ----


def test_a_flipped_byte_in_any_file_is_found_and_the_file_named(run: Run, copy: Path) -> None:
    for file in sorted(path for path in copy.rglob("*") if path.is_file() and path.stat().st_size):
        whole = file.read_bytes()
        for at in {0, len(whole) // 2, len(whole) - 1}:
            flip(file, at)
            code, said = run(copy)
            assert code == 1, (file, at)
            assert file.relative_to(copy).as_posix() in said, (file, at)
            file.write_bytes(whole)
    assert run(copy)[0] == 0


def test_a_flipped_bit_anywhere_in_the_zip_is_found_and_the_file_named(run: Run, zipped: Path, tmp_path: Path) -> None:
    whole = zipped.read_bytes()
    with zipfile.ZipFile(zipped) as archive:
        starts = [entry.header_offset for entry in archive.infolist()]
        directory = archive.start_dir
    rng = random.Random(8493)
    heads = [start + offset for start in starts for offset in range(4, 60)]
    ends = list(range(directory, directory + 150)) + list(range(len(whole) - 100, len(whole)))
    damaged = tmp_path / "damaged.zip"
    for at in {*rng.sample(heads, 25), *rng.sample(ends, 25), *rng.sample(range(4, len(whole)), 30)}:
        content = bytearray(whole)
        content[at] ^= 1 << rng.randrange(8)
        damaged.write_bytes(content)
        code, said = run(damaged)
        assert code == 1, at
        assert "damaged.zip" in said or "data/" in said or ".txt" in said, at


def test_a_changed_file_in_the_zip_is_named(run: Run, zipped: Path, tmp_path: Path) -> None:
    content = bytearray(zipped.read_bytes())
    content[content.index(b"%PDF-1.7\n") + 5000] ^= 1
    (tmp_path / "damaged.zip").write_bytes(content)
    assert "Wrong: data/report.pdf was changed" in run(tmp_path / "damaged.zip")[1]


def test_missing_file_is_named(run: Run, copy: Path) -> None:
    (copy / "data" / "report.pdf").unlink()
    code, said = run(copy)
    assert code == 1 and "data/report.pdf is missing; manifest-sha256.txt lists it." in said


@pytest.mark.parametrize("name", ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"])
def test_missing_tag_file_is_named(run: Run, copy: Path, name: str) -> None:
    (copy / name).unlink()
    code, said = run(copy)
    assert code == 1 and f"Wrong: {name} is missing" in said


@pytest.mark.parametrize(
    ("name", "manifest"),
    [("data/extra.txt", "manifest-sha256.txt"), ("tagmanifest-sha512.txt.p7s", "tagmanifest-sha256.txt")],
)
def test_added_file_is_named(run: Run, copy: Path, name: str, manifest: str) -> None:
    (copy / name).write_bytes(b"more")
    code, said = run(copy)
    assert code == 1 and f"Wrong: {name} is not listed in {manifest}" in said


def test_renamed_file_is_named_with_its_old_name(run: Run, copy: Path) -> None:
    (copy / "data" / "report.pdf").rename(copy / "data" / "report2.pdf")
    code, said = run(copy)
    assert (
        code == 1
        and "data/report2.pdf is not listed in manifest-sha256.txt (its content is that of data/report.pdf)" in said
    )


def test_swapped_files_are_named(run: Run, copy: Path) -> None:
    first, second = copy / "data" / "records" / "risks.jsonl", copy / "data" / "records" / "requirements.jsonl"
    first.rename(copy / "aside")
    second.rename(first)
    (copy / "aside").rename(second)
    code, said = run(copy)
    assert (
        code == 1
        and "data/records/risks.jsonl was changed" in said
        and "data/records/requirements.jsonl was changed" in said
    )


def test_link_in_the_folder_is_named_and_not_followed(run: Run, copy: Path, tmp_path: Path) -> None:
    report = copy / "data" / "report.pdf"
    report.rename(tmp_path / "elsewhere.pdf")
    report.symlink_to(tmp_path / "elsewhere.pdf")
    code, said = run(copy)
    assert code == 1 and "data/report.pdf is not a file but a link" in said


def test_many_problems_are_counted_not_all_printed(run: Run, copy: Path) -> None:
    for number in range(60):
        (copy / "data" / f"extra{number}").write_bytes(b"")
    said = run(copy)[1]
    assert said.count("Wrong:") == verify.SHOWN + 1
    assert "more problems like these" in said


# ---- Forged packs: the manifests agree, the contents don't ----


def cut_a_row(folder: Path) -> None:
    file = folder / "data" / "records" / "requirements.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-1]))


def double_a_row(folder: Path) -> None:
    file = folder / "data" / "records" / "requirements.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:-1], lines[0]]))


def space_out_a_row(folder: Path) -> None:
    file = folder / "data" / "records" / "requirements.jsonl"
    file.write_bytes(file.read_bytes().replace(b'":"', b'": "', 1))


def write_a_fraction(folder: Path) -> None:
    file = folder / "data" / "records" / "risks.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"RSK-0003"', b"1.5", 1))


def cut_a_line_end(folder: Path) -> None:
    file = folder / "data" / "records" / "requirements.jsonl"
    file.write_bytes(file.read_bytes()[:-1])


FORGERIES: list[tuple[Callable[[Path], None], str]] = [
    (cut_a_row, "it has 59 rows where data/pack.json announces 60"),
    (double_a_row, "line 60 has no reference of its own"),
    (space_out_a_row, "requirements.jsonl, line 1, was changed: its JSON is not in canonical form"),
    (write_a_fraction, "risks.jsonl, line 4, was changed: it is not JSON"),
    (cut_a_line_end, "requirements.jsonl was changed: its last line is cut off"),
]


@pytest.mark.parametrize(("forge", "said"), FORGERIES)
def test_forged_rows_are_found(
    run: Run, copy: Path, contents: Contents, forge: Callable[[Path], None], said: str
) -> None:
    forge(copy)
    reseal(copy, contents.info)
    code, printed = run(copy)
    assert code == 1 and said in printed
    assert "data/pack.json announces" in printed  # its digest differs as well


def first(evaluation: Any) -> Any:
    return evaluation["assertions"][1]


EVALUATIONS: list[tuple[Callable[[Any], None], str]] = [
    (lambda value: first(value).update(numerator=61), "61 of 60 can't be"),
    (lambda value: first(value).update(result="splendid"), "splendid is no result"),
    (lambda value: first(value)["exceptions"]["references"].pop(), "it counts 40 exceptions and names 39"),
    (
        lambda value: first(value)["exceptions"].update(references=["REQ-9999"], count=1),
        "1 exceptions are not in its register, among them REQ-9999",
    ),
    (
        lambda value: first(value)["exceptions"]["reasons"][0]["references"].pop(),
        "its reasons and its exceptions name different rows",
    ),
    (lambda value: value["assertions"].pop(), "doesn't hold the number of statements"),
    (lambda value: value.pop("assertions"), "is not built as its format asks"),
    (lambda value: value.update(format="customerfocus-evaluation/9"), "has the format 'customerfocus-evaluation/9'"),
]


@pytest.mark.parametrize(("change", "said"), EVALUATIONS)
def test_evaluation_that_contradicts_itself_or_the_rows_is_found(
    run: Run, copy: Path, contents: Contents, change: Callable[[Any], None], said: str
) -> None:
    change_json(copy, "evaluation.json", change)
    reseal(copy, contents.info)
    code, printed = run(copy)
    assert code != 0 and said in printed and "data/evaluation.json" in printed


PACKS: list[tuple[Callable[[Any], None], str]] = [
    (lambda value: value["counts"].update(rows=66), "it announces"),
    (lambda value: value["registers"].pop(), "data/records/feedback.jsonl is not announced"),
    (lambda value: value["attachments"].pop(), "is not announced in data/pack.json"),
    (lambda value: value["attachments"][0].update(size=1), "is not what data/pack.json announces"),
    (lambda value: value["registers"][0].update(slug="../../../etc/passwd"), "is missing; data/pack.json announces it"),
    (lambda value: value["registers"][0].update(slug=None), "is missing; data/pack.json announces it"),
    (lambda value: value.pop("registers"), "is not built as its format asks"),
    (lambda value: value.update(registers=[1]), "is not built as its format asks"),
]


@pytest.mark.parametrize(("change", "said"), PACKS)
def test_pack_json_that_contradicts_the_files_is_found(
    run: Run, copy: Path, contents: Contents, change: Callable[[Any], None], said: str
) -> None:
    change_json(copy, "pack.json", change)
    reseal(copy, contents.info)
    code, printed = run(copy)
    assert code == 1 and said in printed


def test_format_of_another_version_is_refused_by_name(run: Run, copy: Path, contents: Contents) -> None:
    change_json(copy, "pack.json", lambda value: value.update(format="customerfocus-pack/3"))
    reseal(copy, contents.info)
    code, said = run(copy)
    assert code == 2
    assert "customerfocus-pack/3" in said and "customerfocus-pack/2" in said


def test_json_of_endless_depth_is_no_accident(run: Run, copy: Path, contents: Contents) -> None:
    (copy / "data" / "pack.json").write_bytes(b"[" * 1_000_000)
    reseal(copy, contents.info)
    code, said = run(copy)
    assert code == 1 and "data/pack.json was changed: it is not JSON" in said


# ---- Forged zips ----


def packed(folder: Path, out: Path, *more: tuple[zipfile.ZipInfo, bytes]) -> Path:
    """The pack as a zip with more entries than it should have, stamped like a true one."""
    seal.zip_bag(folder, out, "pack")
    with zipfile.ZipFile(out, "a") as archive:
        for entry, content in more:
            entry.create_system = 3
            entry.external_attr = entry.external_attr or (verify.MODE)
            archive.writestr(entry, content)
        archive.comment = seal.STAMP + b"0" * 64
    with out.open("r+b") as written:
        seal._stamp(written)
    return out


@pytest.mark.parametrize(
    "name",
    [
        "pack/../../evil",
        "/etc/passwd",
        "pack/data/..\\evil",
        "other/data/x",
        "pack/data/REPORT.pdf",
        "pack/.hidden",
        "pack",
    ],
)
def test_harmful_name_in_a_zip_is_named(run: Run, bag: Path, tmp_path: Path, name: str) -> None:
    code, said = run(packed(bag, tmp_path / "forged.zip", (zipfile.ZipInfo(name), b"x")))
    assert code == 1 and "is no name for a file here, or there twice" in said


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_name_that_is_in_the_zip_twice_is_named(run: Run, bag: Path, tmp_path: Path) -> None:
    code, said = run(packed(bag, tmp_path / "forged.zip", (zipfile.ZipInfo("pack/data/report.pdf"), b"another")))
    assert code == 1 and "pack/data/report.pdf is no name for a file here, or there twice" in said


def test_zip_whose_folder_lies_outside_is_named(run: Run, bag: Path, tmp_path: Path) -> None:
    seal.zip_bag(bag, tmp_path / "forged.zip", "..")
    code, said = run(tmp_path / "forged.zip")
    assert code == 1 and "'../bagit.txt' is no name for a file here" in said


def test_names_and_values_of_strangers_reach_the_terminal_harmless(run: Run, copy: Path, contents: Contents) -> None:
    (copy / "data" / "\x1b[31mred").write_bytes(b"")
    change_json(copy, "pack.json", lambda value: value.update(counts="\x1b[2J"))
    reseal(copy, contents.info)
    (copy / "data" / "\x1b[31mred").write_bytes(b"changed")
    code, said = run(copy)
    assert code == 1 and "\x1b" not in said


def test_link_in_a_zip_is_found(run: Run, bag: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("pack/data/link")
    link.external_attr = 0o120777 << 16
    code, said = run(packed(bag, tmp_path / "forged.zip", (link, b"/etc/passwd")))
    assert code == 1 and "not the list of the files before it" in said


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"MZ stub" + whole,
        lambda whole: whole + b"\n",
        lambda whole: whole[:-1],
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole.replace(b"PK\1\2", b"gap PK\1\2", 1),
        lambda whole: whole.replace(b"sha256:", b"SHA256:"),
    ],
)
def test_bytes_outside_the_files_of_a_zip_are_found(
    run: Run, zipped: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "damaged.zip").write_bytes(damage(zipped.read_bytes()))
    code, said = run(tmp_path / "damaged.zip")
    assert code in (1, 2) and "damaged.zip" in said


def test_zip_packed_anew_by_another_program_says_what_to_do(run: Run, bag: Path, tmp_path: Path) -> None:
    made = shutil.make_archive(str(tmp_path / "anew"), "zip", bag.parent, bag.name)
    code, said = run(Path(made))
    assert code == 1 and "anew.zip" in said


def test_zip_that_promises_absurd_sizes_is_not_unpacked(
    run: Run, zipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "LARGEST_PACK", 100_000)
    code, said = run(zipped)
    assert code == 1 and "it was not unpacked" in said


def test_deflated_bytes_that_unpack_to_more_than_promised_are_found(run: Run, zipped: Path, tmp_path: Path) -> None:
    whole = zipped.read_bytes()
    with zipfile.ZipFile(zipped) as archive:
        entry = next(entry for entry in archive.infolist() if entry.filename.endswith("evaluation.json"))
    true = struct.pack("<LLL", entry.CRC, entry.compress_size, entry.file_size)
    less = struct.pack("<LLL", entry.CRC, entry.compress_size, 100)
    (tmp_path / "forged.zip").write_bytes(whole.replace(true, less))
    code, said = run(tmp_path / "forged.zip")
    assert code == 1 and "data/evaluation.json was changed: it does not unpack to what was packed" in said


def test_large_zips_are_checked_like_small_ones(
    run: Run, bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 2000)
    monkeypatch.setattr(verify, "LIMIT", 2000)
    seal.zip_bag(bag, tmp_path / "large.zip", "pack")
    code, said = run(tmp_path / "large.zip")
    assert (code, said.splitlines()[0][:18]) == (0, "Origin not proved:")


# ---- What can't be read ----


def test_path_that_is_not_there_cannot_be_read(run: Run, tmp_path: Path) -> None:
    code, said = run(tmp_path / "nothing.zip")
    assert code == 2 and "nothing.zip" in said and said.startswith("Origin not proved")


def test_file_that_is_no_zip_cannot_be_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear auditor")
    code, said = run(tmp_path / "letter.txt")
    assert code == 2 and "neither a folder nor a zip" in said


def test_folder_that_is_no_pack_cannot_be_read(run: Run, tmp_path: Path) -> None:
    code, said = run(tmp_path)
    assert code == 2 and "Give the folder that holds it" in said
