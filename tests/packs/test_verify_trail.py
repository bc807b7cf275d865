"""verify.py and the sealed trail: leaves, heads, keys, and heads that were kept outside."""

from __future__ import annotations

import json
import random
import shutil
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from packs import seal, verify
from packs.contents import Contents
from packs.seal import close
from tests.packs import papers, samples, trails
from tests.packs.test_verify import Run, change_json, flip
from trail.sealing import keys, signed_notes
from trail.sealing.canonical import canonical_bytes

pytestmark = pytest.mark.usefixtures("no_tools")

#: RFC 8032, 7.1: key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_ed25519_agrees_with_the_vectors_of_its_standard(key: str, message: str, signature: str) -> None:
    public, content, signed = map(bytes.fromhex, (key, message, signature))
    assert verify.ed25519_signed(public, content, signed)
    assert not verify.ed25519_signed(public, content + b"\0", signed)
    for at in (0, 31, 32, 62):
        changed = bytearray(signed)
        changed[at] ^= 1
        assert not verify.ed25519_signed(public, content, bytes(changed))


def test_ed25519_refuses_what_is_no_signature_or_no_key() -> None:
    key, message, signature = map(bytes.fromhex, VECTORS[1])
    scalar = int.from_bytes(signature[32:], "little") + verify.ORDER  # would hold too, if it weren't refused
    assert not verify.ed25519_signed(key, message, signature[:32] + scalar.to_bytes(32, "little"))
    assert not verify.ed25519_signed(key, message, signature[:-1])
    assert not verify.ed25519_signed(b"\xff" * 32, message, signature)
    assert not verify.ed25519_signed(b"\2" + bytes(31), message, signature)  # y = 2 is on no point of the curve


def test_ed25519_agrees_with_the_library_that_signs() -> None:
    for number in range(8):
        message = bytes([number]) * 100
        public = trails.NEW.public_key().public_bytes_raw()
        assert verify.ed25519_signed(public, message, trails.NEW.sign(message))


# ---- A whole pack ----


def test_rows_and_heads_are_proved_in_sentences(run: Run, bag: Path) -> None:
    code, said = run(bag)
    assert code == 0
    assert "Proved: all 67 rows and 2 documents were in the sealed trail" in said
    assert "Proved: the heads of the trail (3), each signed, follow from each other; the last, number 3" in said
    assert "Proved: 17 of 21 columns of the records say what the leaves say." in said
    assert "Can't be proved: by its leaf what a row says of owner: it holds a person's number" in said
    assert "Can't be proved: that no row and no newer version was left out" in said


def test_fingerprint_of_the_key_of_seals_proves_the_origin_of_the_records(run: Run, bag: Path) -> None:
    code, said = run(bag, "--fingerprint", keys.fingerprint(trails.NEW.public_key()))
    assert code == 0 and said.startswith("Origin of the records proved: the key of its seals has the fingerprint")
    assert "Not proved: who signed the files around the records" in said


# ---- Heads that were kept outside ----


def chain(folder: Path) -> list[str]:
    return [json.loads(line)["note"] for line in (folder / "data" / "proofs" / "seals.jsonl").read_bytes().splitlines()]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_every_head_of_the_chain_is_recognized(run: Run, bag: Path, tmp_path: Path, which: int) -> None:
    (tmp_path / "head.txt").write_text(chain(bag)[which])
    code, said = run(bag, "--head", str(tmp_path / "head.txt"))
    assert code == 0 and "is in the chain: what was sealed then is unchanged" in said


def test_head_is_found_in_the_mail_that_brought_it(run: Run, bag: Path, tmp_path: Path) -> None:
    mail = f"Dear auditor,\n\nkeep this:\n\n{chain(bag)[1]}\nYours\n".replace("\n", "\r\n")
    (tmp_path / "mail.eml").write_bytes(mail.encode())
    assert run(bag, "--head", str(tmp_path / "mail.eml"))[0] == 0


def rewritten(bag: Path, contents: Contents, to: Path) -> Path:
    """A pack over a history that was written anew, and signed by those who hold both keys."""
    shutil.copytree(bag, to)
    documents, leaves = papers.documents("another beginning")
    proofs = trails.proofs(to / "anew", contents.registers, before="another beginning", documents=leaves)
    for name, content in documents[1].files.items():
        (to / "data" / name).write_bytes(content)
    for file in (to / "anew" / "proofs").iterdir():
        shutil.copyfile(file, to / "data" / "proofs" / file.name)
    shutil.rmtree(to / "anew")
    digests = {file.name: samples.digest(file) for file in (to / "data" / "proofs").iterdir()}

    def change(pack: Any) -> None:
        pack["proofs"]["head"].update(root=proofs.head.root.hex(), note=proofs.chain[-1])
        pack["proofs"]["files"] = digests
        pack["documents"][1]["files"] = {name: samples.digest(to / "data" / name) for name in documents[1].files}

    change_json(to, "pack.json", change)
    close(contents.info, to, samples.certificate())
    return to


def test_history_written_anew_with_the_real_keys_is_found_by_an_earlier_head(
    run: Run, bag: Path, contents: Contents, tmp_path: Path
) -> None:
    forged = rewritten(bag, contents, tmp_path / "forged")
    assert run(forged)[0] == 0, "By itself it is consistent: that is why heads leave the house."
    (tmp_path / "head.txt").write_text(chain(bag)[0])
    code, said = run(forged, "--head", str(tmp_path / "head.txt"))
    assert code == 1 and "has another root than the pack's of that size: the history was written anew" in said


def other_head(note: str, key: Ed25519PrivateKey = trails.NEW, **other: Any) -> str:
    """A head that says another thing, signed by a key."""
    return signed_notes.sign(replace(signed_notes.parse(note), **other), key)


def test_head_of_a_size_that_the_chain_does_not_have_is_wrong(run: Run, bag: Path, tmp_path: Path) -> None:
    (tmp_path / "head.txt").write_text(other_head(chain(bag)[0], size=7))
    code, said = run(bag, "--head", str(tmp_path / "head.txt"))
    assert code == 1 and "is not in the pack's chain, which holds every head that was mailed, signed or packed" in said


def test_head_later_than_the_pack_proves_nothing_and_refutes_nothing(run: Run, bag: Path, tmp_path: Path) -> None:
    (tmp_path / "head.txt").write_text(other_head(chain(bag)[2], size=100_000))
    code, said = run(bag, "--head", str(tmp_path / "head.txt"))
    assert code == 0 and "Not proved: that the head number 3" in said and "it is later" in said


def test_head_of_another_organization_is_named_and_says_nothing_of_the_pack(
    run: Run, bag: Path, tmp_path: Path
) -> None:
    (tmp_path / "head.txt").write_text(other_head(chain(bag)[0], origin="quality.example/o/rival"))
    code, said = run(bag, "--head", str(tmp_path / "head.txt"))
    assert code == 2 and "Wrong" not in said
    assert "Not checked: --head" in said and "is of quality.example/o/rival, the pack of quality.example/o/acme" in said


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("seed", range(12))
def test_a_mistyped_head_accuses_nobody(run: Run, bag: Path, tmp_path: Path, which: int, seed: int) -> None:
    note, rng = chain(bag)[which], random.Random(seed)
    at = rng.choice([at for at, sign in enumerate(note) if sign.isalnum() and at > len(trails.ORIGIN)])
    typed = rng.choice([sign for sign in "0123456789abcXYZ" if sign != note[at]])
    (tmp_path / "head.txt").write_text(note[:at] + typed + note[at + 1 :])
    code, said = run(bag, "--head", str(tmp_path / "head.txt"))
    assert code == 2 and "written anew" not in said and "Wrong" not in said
    assert said.startswith("Origin not proved: nobody told us a fingerprint. This pack is consistent in itself.")
    assert "Not checked: --head" in said


def test_a_sign_of_its_signature_or_of_its_lines_is_told_from_another_key(run: Run, bag: Path, tmp_path: Path) -> None:
    note = chain(bag)[0]
    (tmp_path / "head.txt").write_text(note.replace("number 1\n", "number 7\n"))
    assert "is not what its key signed: a sign of it was mistyped" in run(bag, "--head", str(tmp_path / "head.txt"))[1]
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    (tmp_path / "head.txt").write_text(other_head(note, stranger))
    known_by = signed_notes.key_id(trails.ORIGIN, stranger.public_key()).hex()
    code, said = run(bag, "--head", str(tmp_path / "head.txt"))
    assert code == 2 and f"is signed by the key {known_by}, and the heads of this pack by " in said


@pytest.mark.parametrize("text", ["", "no head", "\x1b[31m"])
def test_file_without_a_head_is_named(run: Run, bag: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "head.txt").write_text(text)
    code, said = run(bag, "--head", str(tmp_path / "head.txt"))
    assert code == 2 and "there is no signed head in that file" in said
    assert run(bag, "--head", str(tmp_path / "nothing"))[0] == 2


# ---- Forged packs: the manifests agree, the proofs don't ----


def edit(folder: Path, name: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the lines of a file of proofs or records, as somebody who holds the certificate's key could."""
    file = folder / "data" / name
    file.write_bytes(b"".join(change(file.read_bytes().splitlines(keepends=True))))
    digest = samples.digest(file)

    def announce(pack: Any) -> None:
        if name.startswith("proofs/"):
            pack["proofs"]["files"][file.name] = digest
        for register in pack["registers"]:
            if name == f"records/{register['slug']}.jsonl":
                register["records_sha256"] = digest

    change_json(folder, "pack.json", announce)


def swap(lines: list[bytes]) -> list[bytes]:
    return [lines[1], lines[0], *lines[2:]]


def reword(old: bytes, new: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [lines[0].replace(old, new), *lines[1:]]


FORGERIES: list[tuple[str, Callable[[list[bytes]], list[bytes]], str]] = [
    ("records/risks.jsonl", reword(b"wears early", b"lasts"), "says of statement another thing than the row beside it"),
    ("records/risks.jsonl", swap, "says of reference another thing than the row beside it"),
    ("records/risks.jsonl", reword(b"REQ-0001", b"REQ-0002"), "requirement names REQ-0002, the leaf another row"),
    ("records/risks.jsonl", reword(b'"requirement":"REQ-0001"', b'"requirement":null'), "says of requirement"),
    ("records/requirements.jsonl", reword(b'"critical":false', b'"critical":0'), "says of critical"),
    ("proofs/risks.leaves", reword(b"wears early", b"lasts"), "says of statement another thing"),
    ("proofs/risks.leaves", swap, "says of reference another thing"),
    ("proofs/risks.leaves", lambda lines: lines[:-1], "is missing or was changed: it is not an index"),
    ("proofs/risks.leaves", lambda lines: [*lines, lines[0]], "has more lines than there are rows"),
    ("proofs/risks.leaves", reword(b"acme_risks", b"acme_other"), "is of the table acme_other, not of acme_risks"),
    ("proofs/risks.leaves", reword(b"2026-10-09", b"2026-10-10"), "was not there at the moment of the pack"),
    ("proofs/risks.leaves", reword(b'"history_type":"~"', b'"history_type":"-"'), "was not there at the moment"),
    ("proofs/requirements.leaves", reword(b'"id":1,', b'"id":1.5,'), "it is not an index and a version of a row"),
    ("proofs/requirements.leaves", reword(b'"linked":[', b'"linked":[7,'), "do not lead to the root"),
    ("proofs/requirements.leaves", reword(b"5 ", b"0 "), "do not lead to the root"),
    ("proofs/requirements.leaves", reword(b"5 ", b"7 "), "another row has this leaf"),
    ("proofs/requirements.leaves", reword(b"5 ", b"99999999999999999999 "), "it is not an index"),
    ("proofs/siblings.bin", lambda lines: [b"".join(lines)[:-32]], "it hasn't as many hashes"),
    ("proofs/siblings.bin", lambda lines: [bytes(32) + b"".join(lines)[32:]], "do not lead to the root"),
    ("proofs/seals.jsonl", lambda lines: lines[1:], "or has lost or won heads"),
    ("proofs/seals.jsonl", lambda lines: lines[:-1], "doesn't end with the head of the pack"),
    ("proofs/seals.jsonl", swap, "does not continue the one under the head before it"),
    ("proofs/seals.jsonl", reword(b"number 1", b"number 9"), "none of the keys that data/pack.json names has signed"),
    ("proofs/seals.jsonl", reword(b"purpose pack", b"purpose PACK"), "is not a head as signed notes are written"),
]


@pytest.mark.parametrize(("name", "change", "said"), FORGERIES)
def test_forged_proofs_are_found(
    run: Run, copy: Path, contents: Contents, name: str, change: Callable[[list[bytes]], list[bytes]], said: str
) -> None:
    edit(copy, name, change)
    seal.close(contents.info, copy, samples.certificate())
    code, printed = run(copy)
    assert code == 1 and said in printed


def test_consistency_proof_that_was_changed_is_found(run: Run, copy: Path, contents: Contents) -> None:
    def change(lines: list[bytes]) -> list[bytes]:
        entry = json.loads(lines[1])
        entry["proof"][0] = "00" * 32
        return [lines[0], canonical_bytes(entry) + b"\n", lines[2]]

    edit(copy, "proofs/seals.jsonl", change)
    seal.close(contents.info, copy, samples.certificate())
    assert "does not continue the one under the head before it" in run(copy)[1]


PACKS: list[tuple[Callable[[Any], None], str]] = [
    (lambda pack: pack["proofs"]["keys"].pop(), "none of the keys that data/pack.json names has signed this head"),
    (lambda pack: pack["proofs"]["keys"][0].update(fingerprint="AAAA"), "has the fingerprint of another"),
    (lambda pack: pack["proofs"]["keys"][0].update(verifier="a+b+c"), "is not built as its format asks"),
    (lambda pack: pack["proofs"]["head"].update(size=1), "says of its head another thing"),
    (lambda pack: pack["proofs"].update(siblings=1), "it hasn't as many hashes"),
    (lambda pack: pack["proofs"].update(seals=2), "or has lost or won heads"),
    (lambda pack: pack.pop("proofs"), "is not built as its format asks"),
    (lambda pack: pack["registers"][1]["proof"]["columns"].pop(), "has other columns than data/pack.json announces"),
    (lambda pack: pack["registers"][1]["proof"].pop("columns"), "is not built as its format asks"),
]


@pytest.mark.parametrize(("change", "said"), PACKS)
def test_pack_json_that_contradicts_the_proofs_is_found(
    run: Run, copy: Path, contents: Contents, change: Callable[[Any], None], said: str
) -> None:
    change_json(copy, "pack.json", change)
    seal.close(contents.info, copy, samples.certificate())
    code, printed = run(copy)
    assert code == 1 and said in printed


def test_a_changed_byte_of_a_proof_names_its_file(run: Run, copy: Path) -> None:
    flip(copy / "data" / "proofs" / "siblings.bin", 100)
    code, said = run(copy)
    assert code == 1 and "Wrong: data/proofs/siblings.bin was changed" in said


def test_an_old_head_does_not_cover_the_rows(run: Run, copy: Path, contents: Contents) -> None:
    old = chain(copy)[1].splitlines()
    edit(copy, "proofs/seals.jsonl", lambda lines: lines[:-1])

    def change(pack: Any) -> None:
        pack["proofs"]["seals"] = 2
        pack["proofs"]["head"].update(
            note=chain(copy)[1], size=int(old[1]), number=2, time=old[4].partition(" ")[2],
            root=b64decode(old[2]).hex(),
        )  # fmt: skip

    change_json(copy, "pack.json", change)
    seal.close(contents.info, copy, samples.certificate())
    code, said = run(copy)
    assert code == 1 and "do not lead to the root that the pack's head signs" in said


def test_proofs_of_another_organization_are_found(run: Run, copy: Path, contents: Contents, tmp_path: Path) -> None:
    trails.proofs(tmp_path / "rival", contents.registers, before="rival")
    for file in (tmp_path / "rival" / "proofs").iterdir():
        shutil.copyfile(file, copy / "data" / "proofs" / file.name)
        edit(copy, f"proofs/{file.name}", lambda lines: lines)
    seal.close(contents.info, copy, samples.certificate())
    code, said = run(copy)
    assert code == 1 and "data/proofs/seals.jsonl was changed: it doesn't end with the head of the pack" in said


def test_every_file_of_another_pack_is_found_in_this_one(
    run: Run, copy: Path, contents: Contents, tmp_path: Path
) -> None:
    for file in sorted(path for path in copy.rglob("*") if path.is_file()):
        whole = file.read_bytes()
        file.write_bytes(whole[::-1] if whole[::-1] != whole else whole + b"x")
        code, said = run(copy)
        assert code == 1 and file.relative_to(copy).as_posix() in said, file
        file.write_bytes(whole)
