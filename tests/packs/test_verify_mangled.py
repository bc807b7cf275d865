"""verify.py and packs whose every member was written by an enemy: it ends in sentences, whatever stands where."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from packs import seal
from packs.contents import Contents
from tests.packs import samples

Run = Callable[..., tuple[int, str]]

#: What nobody expects where a name, a number, a digest, a day, a list stands.
ODD: list[Any] = [
    None, True, -1, 0, 10**16, 10**30, 1.5, float("nan"), "", "x", "-1", "²", "1e999999999", "-1e999999999", "Infinity",
    "NaN", "9" * 5000, "2026-02-30", "0000-00-00", "9999-12-31", "2026-13-45T99:99:99Z", "00" * 32, "zz" * 32, "ab",
    "\0", "\ud800", "\x1b[2J", "../../etc/passwd", "=", "AAAA=", [], [None], [[1]], {}, {"a": {}}, "é" * 70,
]  # fmt: skip
SENTENCES = (
    "Origin ",
    "Wrong: ",
    "Proved: ",
    "Not proved: ",
    "Not checked: ",
    "Known: ",
    "Can't be ",
    " " * 12,
    "data/",
)
CASES, BYTES = 90, 40  # more were tried; these keep the suite short


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every member of a value, at any depth."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from places(member, (*path, name))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    inside = value
    for name in path[:-1]:
        inside = inside[name]
    if by is ODD:
        del inside[path[-1]]
    else:
        inside[path[-1]] = by
    return value


def written(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def announce(folder: Path) -> None:
    """Have pack.json say of every file the digest that it has now, as somebody with all keys would."""
    info = json.loads((folder / "data" / "pack.json").read_bytes())
    for register in info["registers"]:
        register["records_sha256"] = samples.digest(folder / "data" / "records" / f"{register['slug']}.jsonl")
    info["evaluation"]["sha256"] = samples.digest(folder / "data" / "evaluation.json")
    for paper in info["documents"]:
        paper["files"] = {name: samples.digest(folder / "data" / name) for name in paper["files"]}
    info["proofs"]["files"] = {n: samples.digest(folder / "data" / "proofs" / n) for n in info["proofs"]["files"]}
    (folder / "data" / "pack.json").write_bytes(written(info))


def mangle_json(file: Path, rng: random.Random) -> str:
    """Put something odd in the place of a member of a file of JSON, or of one of its lines."""
    lines = file.read_bytes().splitlines(keepends=True) if file.suffix != ".json" else [file.read_bytes()]
    at = rng.randrange(min(len(lines), 3))
    lead, value = lines[at].split(b"{", 1)
    value = json.loads(b"{" + value)
    path, by = rng.choice(list(places(value))), rng.choice([*ODD, ODD])
    path = path if path or by is not ODD else (next(iter(value)),)
    lines[at] = lead + written(replaced(value, path, by)) + (b"\n" if file.suffix != ".json" else b"")
    file.write_bytes(b"".join(lines))
    return f"{file.name}, {at}, {path}: {'gone' if by is ODD else repr(by)[:40]}"


def mangle_bytes(file: Path, rng: random.Random) -> str:
    """Cut, double or overwrite bytes of any file, text or not."""
    content = bytearray(file.read_bytes())
    at, how = rng.randrange(len(content) + 1), rng.choice(["cut", "more", "over"])
    odd = rng.choice(
        [b"\0", b"\xff\xfe", b"9" * 5000, b"\n", b" ", b"\xc2\xb2", b"{", b"=" * 9, b"-----BEGIN CERTIFICATE-----\n"]
    )
    content[at : at + {"cut": 9999, "more": 0, "over": len(odd)}[how]] = b"" if how == "cut" else odd
    file.write_bytes(content)
    return f"{file.name}, byte {at}, {how}: {odd[:20]!r}"


def whole(file: Path) -> bool:
    return file.suffix in (".json", ".jsonl", ".leaves") and file.stat().st_size > 0


@pytest.mark.parametrize("number", range(CASES))
def test_an_odd_member_anywhere_ends_in_a_sentence(
    run: Run, copy: Path, contents: Contents, no_tools: None, number: int
) -> None:
    rng = random.Random(number)
    files = sorted(path for path in (copy / "data").rglob("*") if whole(path))
    file = files[number % len(files)]
    what = mangle_json(file, rng)
    if file.name != "pack.json":
        announce(copy)
    seal.close(contents.info, copy, samples.certificate())
    ends_in_sentences(run, copy, what)


@pytest.mark.parametrize("number", range(BYTES))
def test_odd_bytes_anywhere_end_in_a_sentence(
    run: Run, copy: Path, contents: Contents, no_tools: None, number: int
) -> None:
    rng = random.Random(number)
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    file = files[number % len(files)]
    what = mangle_bytes(file, rng)
    if file.parent != copy and file.name != "pack.json":
        announce(copy)
        seal.close(contents.info, copy, samples.certificate())
    ends_in_sentences(run, copy, what)


def ends_in_sentences(run: Run, folder: Path, what: str) -> None:
    began = time.monotonic()
    code, said = run(folder)
    assert code in (0, 1, 2), what
    assert all(line.startswith(SENTENCES) for line in said.splitlines()), (what, said)
    assert time.monotonic() - began < 20, f"{what}: it must not keep whoever checks it waiting."
    assert "\x1b" not in said and "\0" not in said


def announced(folder: Path, contents: Contents, name: str, change: Callable[[Any], None]) -> None:
    value = json.loads((folder / "data" / name).read_bytes())
    change(value)
    (folder / "data" / name).write_bytes(written(value))
    if name != "pack.json":
        announce(folder)
    seal.close(contents.info, folder, samples.certificate())


NUMBERS: list[tuple[str, Callable[[Any], None], str]] = [
    ("evaluation.json", lambda v: v["basis"]["targets"].update(review_days="1e99999999"), "data/evaluation.json is not built"),
    ("evaluation.json", lambda v: v["basis"]["targets"].update(review_days="²"), "data/evaluation.json is not built"),
    ("evaluation.json", lambda v: v["basis"]["targets"].update(review_days="9" * 5000), "data/evaluation.json is not built"),
    ("evaluation.json", lambda v: v["assertions"][0].update(numerator="60"), "data/evaluation.json is not built"),
    ("evaluation.json", lambda v: v["assertions"][0].update(numerator=1.5), "data/evaluation.json was changed: it is not JSON"),
    ("pack.json", lambda v: v["proofs"].update(siblings=None), "data/pack.json is not built as its format asks"),
    ("pack.json", lambda v: v["proofs"]["head"].update(size=10**16), "says of its head another thing"),
    ("pack.json", lambda v: v.update(as_of=5), "requirements.jsonl is not built as its format asks"),
    ("pack.json", lambda v: v["attachments"][0].update(sha256=7), "data/pack.json is not built as its format asks"),
    ("samples/SA-0001.json", lambda v: v.update(size=10**16), "says of size another thing than"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "sentence"), NUMBERS)
def test_a_number_that_is_none_ends_in_a_sentence(
    run: Run, copy: Path, contents: Contents, no_tools: None, name: str, change: Callable[[Any], None], sentence: str
) -> None:
    announced(copy, contents, name, change)
    code, said = run(copy)
    assert code == 1 and sentence in said


@pytest.mark.parametrize("text", [b"", b"-----BEGIN CERTIFICATE-----\nA=A\n-----END CERTIFICATE-----\n"])
def test_a_certificate_that_is_none_ends_in_a_sentence(
    run: Run, copy: Path, contents: Contents, no_tools: None, text: bytes
) -> None:
    (copy / "data" / "certificate.pem").write_bytes(text)
    seal.close(contents.info, copy, samples.certificate())
    code, said = run(copy)
    assert code == 1 and "Wrong: data/certificate.pem" in said


@pytest.mark.parametrize(
    "name", ["proofs/seals.jsonl", "proofs/siblings.bin", "proofs/documents.leaves", "certificate.pem"]
)
def test_a_file_that_is_gone_is_wrong_and_not_a_pack_that_cannot_be_read(
    run: Run, copy: Path, no_tools: None, name: str
) -> None:
    (copy / "data" / name).unlink()
    code, said = run(copy)
    assert code == 1 and f"Wrong: data/{name} is missing" in said


@pytest.mark.parametrize("at", range(0, 300, 17))
def test_a_zip_with_an_odd_byte_ends_in_a_sentence(
    run: Run, zipped: Path, tmp_path: Path, no_tools: None, at: int
) -> None:
    content = bytearray(zipped.read_bytes())
    content[at] = content[-at - 1] = 0xFF
    (tmp_path / "damaged.zip").write_bytes(content)
    assert run(tmp_path / "damaged.zip")[0] in (1, 2)
