#!/usr/bin/env python3
"""Check an evidence pack: python3 -I verify.py PATH [--fingerprint F] [--head FILE]

PATH is the zip as it was received, or the folder it was unpacked to. Needs Python 3.9 or newer and nothing else: no
network, no account. The first line says whether origin is proved; then come sentences: what is wrong, what is proved,
what is not, what can't be. Ends with 0: nothing wrong; 1: something is wrong, named; 2: the pack, or what was given to
compare it with, can't be read.
"""

import sys

# Without -I Python looks for every module beside this script first, and runs what a stranger put there. Only sys is part
# of the interpreter itself. So nothing else is imported before this, not even from __future__.
if __name__ == "__main__" and not sys.flags.isolated:
    print("Nothing was checked. Run this with -I:  python3 -I verify.py ...")
    print("Without it Python would run files that lie beside this one and are called like modules of its own.")
    sys.exit(2)
if sys.version_info < (3, 9):  # noqa: UP036
    print("Nothing was checked. This needs Python 3.9 or newer.")
    sys.exit(2)

import argparse
import base64
import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
import struct
import subprocess
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

PACK_FORMAT = "customerfocus-pack/2"
EVALUATION_FORMAT = "customerfocus-evaluation/1"
RESULTS = {"met", "attention", "gap", "no evidence", "not applicable"}
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SIGNATURE, TIMESTAMP = TAG_MANIFEST + ".p7s", TAG_MANIFEST + ".tsr"
TAGS = {"bagit.txt", "bag-info.txt", MANIFEST}
PACK, EVALUATION, REPORT, CERTIFICATE = (
    "data/" + name for name in ("pack.json", "evaluation.json", "report.pdf", "certificate.pem")
)
SIBLINGS, SEALS, DOCUMENTS = ("data/proofs/" + name for name in ("siblings.bin", "seals.jsonl", "documents.leaves"))
SINGLE = {PACK, EVALUATION, REPORT, CERTIFICATE, SIBLINGS, SEALS, DOCUMENTS, "data/README.txt", "data/verify.py"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
NUMBER = re.compile(r"-?[0-9]{1,17}(\.[0-9]{1,17})?")
CHUNK = 1 << 20
LARGEST_DOCUMENT, LARGEST_LINE, LARGEST_PACK = 1 << 29, 1 << 26, 1 << 38  # bytes; what is larger is refused
SHOWN = 40  # problems printed; the rest is counted


class Unreadable(Exception):
    """The path is no pack that can be read."""


class Wrong(Exception):
    """Something is wrong; the message names the file."""


class Useless(Exception):
    """What was given to compare the pack with can't be used; that says nothing about the pack."""


# What reading raises where something else stands than belongs there.
MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    sqlite3.Error,
    struct.error,
)


def malformed(name: str, error: Exception) -> Wrong:
    """Return what to say of a file in which something else stands than belongs there."""
    return Wrong(f"{name} is not built as its format asks: {type(error).__name__} {quoted(str(error)[:200])}.")


# ---- Where a pack is: in a folder, or in a zip ----


class Pack:
    """The names of a pack's files, their bytes, and what is wrong with how they are stored."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.problems: list[str] = []
        self.sha256 = ""  # of the zip

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a file, in parts that fit in memory."""
        yield from ()


class Folder(Pack):
    """A pack unpacked to a folder. Links are named as wrong and never followed."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self.root = root
        for folder, folders, files in os.walk(root):
            for name in sorted(folders + files):
                self.add(Path(folder, name))
        if not self.names & (TAGS | {TAG_MANIFEST, PACK}):
            raise Unreadable(f"{root} is not a pack: it has no bagit.txt. Give the folder that holds it, or the zip.")

    def add(self, path: Path) -> None:
        inside, mode = path.relative_to(self.root).as_posix(), path.lstat().st_mode
        if stat.S_ISREG(mode):
            self.names.add(inside)
        elif not stat.S_ISDIR(mode):
            self.problems.append(f"{quoted(inside)} is not a file but a link or a device.")

    def chunks(self, name: str) -> Iterator[bytes]:
        with open(self.root / name, "rb") as file:
            yield from iter(lambda: file.read(CHUNK), b"")


LIMIT = (1 << 31) - 1  # beyond it the writer uses ZIP64 fields
FULL = 0xFFFFFFFF
NO_TIME, NO_DATE, MODE = 0, 0x21, (stat.S_IFREG | 0o644) << 16  # 1980-01-01, a plain file


class Entry:
    """A file in a zip, with the headers that the product gives a file like it."""

    def __init__(self, name: bytes, method: int, crc: int, packed: int, size: int, offset: int) -> None:
        self.name, self.method, self.crc, self.packed, self.size, self.offset = name, method, crc, packed, size, offset
        # As Python's zipfile decides: its local header is written before the compressed size is known.
        self.big = size * 1.05 > LIMIT

    def local(self) -> bytes:
        extra = struct.pack("<HHQQ", 1, 16, self.size, self.packed) if self.big else b""
        sizes = (FULL, FULL) if self.big else (self.packed, self.size)
        head = (b"PK\3\4", 45 if self.big else 20, 0, self.method, NO_TIME, NO_DATE, self.crc)
        return struct.pack("<4sHHHHHLLLHH", *head, *sizes, len(self.name), len(extra)) + self.name + extra

    def central(self) -> bytes:
        sizes, offset, more = (self.packed, self.size), self.offset, []
        if max(sizes) > LIMIT:
            sizes, more = (FULL, FULL), [self.size, self.packed]
        if offset > LIMIT:
            offset, more = FULL, [*more, offset]
        extra = struct.pack(f"<HH{len(more)}Q", 1, 8 * len(more), *more) if more else b""
        version = 45 if self.big or more else 20
        head = (b"PK\1\2", version, 3, version, 0, self.method, NO_TIME, NO_DATE, self.crc)
        tail = (len(self.name), len(extra), 0, 0, 0, MODE, offset)
        return struct.pack("<4sBBHHHHHLLLHHHHHLL", *head, *sizes, *tail) + self.name + extra


def directory(entries: list[Entry], start: int) -> bytes:
    """Return the bytes of a zip from the end of its last file to the digest in its last 64."""
    central = b"".join(entry.central() for entry in entries)
    count, size, more = len(entries), len(central), b""
    if count > 0xFFFF or start > LIMIT or size > LIMIT:
        more = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
        more += struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    counts = (min(count, 0xFFFF), min(count, 0xFFFF), min(size, FULL), min(start, FULL))
    return central + more + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, *counts, 71) + b"sha256:"


class Zip(Pack):
    """A pack as a zip, read from its first byte on.

    Every byte outside the files must be as the product writes it. So there is no room for a hidden entry, a link, a
    second directory, or a name that differs between two places.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.label, self.end = path, quoted(path.name), path.stat().st_size
        if self.read(0, 4) != b"PK\3\4":
            raise Unreadable(f"{path} is neither a folder nor a zip.")
        self.entries: dict[str, Entry] = {}
        at, entries = 0, []
        while self.read(at, 4) == b"PK\3\4":
            entries.append(self.entry(at))
            at += len(entries[-1].local()) + entries[-1].packed
        self.check_end(entries, at)
        self.check_names(entries)
        self.names = set(self.entries)

    def read(self, at: int, count: int) -> bytes:
        with open(self.path, "rb") as file:
            file.seek(at)
            return file.read(count)

    def entry(self, at: int) -> Entry:
        head = self.read(at, 30).ljust(30, b"\0")
        method, crc, packed, size, length, more = struct.unpack("<8xH4xLLLHH", head)
        name, extra = self.read(at + 30, length), self.read(at + 30 + length, more)
        if len(extra) == 20:
            size, packed = struct.unpack("<4xQQ", extra)
        entry = Entry(name, method, crc, packed, size, at)
        if head + name + extra != entry.local() or method not in (0, 8) or at + len(entry.local()) + packed > self.end:
            raise Wrong(f"{self.label}: the header of {quoted(name)} in the zip was changed.")
        return entry

    def check_end(self, entries: list[Entry], start: int) -> None:
        expected = directory(entries, start)
        found = self.read(start, len(expected) + 65)  # one more than there may be, so that bytes put at the end show
        if found[:-64] != expected:
            raise Wrong(
                f"{self.label}: what follows {quoted(entries[-1].name)} in the zip is not the list of the files before "
                "it: bytes were changed, added or taken away. (If another program packed it anew: unpack it and check "
                "the folder.)"
            )
        sha256, at = hashlib.sha256(), 0
        for count in parts(start + len(expected)):
            sha256.update(self.read(at, count))
            at += count
        if sha256.hexdigest().encode() != found[-64:]:
            self.problems.append(f"{self.label}: a byte of the zip was changed; it doesn't have the digest at its end.")
        sha256.update(found[-64:])
        self.sha256 = sha256.hexdigest()

    def check_names(self, entries: list[Entry]) -> None:
        top, seen = entries[0].name.partition(b"/")[0].decode("ascii", "backslashreplace"), set()
        for entry in entries:
            name = entry.name.decode("ascii", "backslashreplace")
            base, _, inside = name.partition("/")
            if base != top or not inside or not NAME.fullmatch(name) or inside.lower() in seen:
                self.problems.append(f"{self.label}: {quoted(entry.name)} is no name for a file here, or there twice.")
            seen.add(inside.lower())
            self.entries.setdefault(inside, entry)
        if sum(entry.size for entry in entries) > LARGEST_PACK:
            raise Wrong(f"{self.label} says that it holds more than {LARGEST_PACK} bytes; it was not unpacked.")

    def chunks(self, name: str) -> Iterator[bytes]:
        entry, size, crc = self.entries[name], 0, 0
        try:
            for chunk in self.inflated(entry) if entry.method else self.stored(entry):
                size, crc = size + len(chunk), zlib.crc32(chunk, crc)
                if size > entry.size:  # more than announced: a bomb is not unpacked to its end
                    break
                yield chunk
        except zlib.error:
            size = -1
        if (size, crc) != (entry.size, entry.crc):
            raise Wrong(f"{quoted(name)} was changed: it does not unpack to what was packed.")

    def stored(self, entry: Entry) -> Iterator[bytes]:
        at = entry.offset + len(entry.local())
        for count in parts(entry.packed):
            yield self.read(at, count)
            at += count

    def inflated(self, entry: Entry) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        for data in self.stored(entry):
            out = inflate.decompress(data, CHUNK)  # no more at once: a few bytes may unpack to very many
            while out:
                yield out
                out = inflate.decompress(inflate.unconsumed_tail, CHUNK)
        if not inflate.eof or inflate.unused_data:
            raise zlib.error("The compressed bytes end too early or too late.")


def parts(total: int) -> Iterator[int]:
    """Split a number of bytes into counts that fit in memory."""
    for start in range(0, total, CHUNK):
        yield min(CHUNK, total - start)


def quoted(name: "str | bytes") -> str:
    """Return a name that may come from a stranger, made fit for a terminal."""
    text = name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name
    return text if NAME.fullmatch(text) else ascii(text)


def plural(count: int, one: str, many: str) -> str:
    """Return a count with its words."""
    return f"{int(count)} {one if count == 1 else many}"


# ---- What is in it ----


class Check:
    """All checks of a pack, with what they found wrong, each with the name of the file."""

    def __init__(self, pack: Pack) -> None:
        self.pack, self.problems = pack, dict.fromkeys(pack.problems)
        self.digests: dict[str, tuple[str, int]] = {}
        self.ledger = Ledger()
        self.registers: dict[str, int] = {}  # rows by slug
        self.keys: list[Key] = []  # that sign its heads
        self.heads: dict[int, Head] = {}  # of the chain, by size
        self.counts: dict[str, Count] = {}  # of statements counted again, by code
        self.counted: dict[str, list[str]] = {"whole": [], "part": [], "named": []}  # codes of statements
        self.asks_nothing = False  # of a period that ended before the organization's first day
        self.changed: set[str] = set()  # rows that say on a later day what they said on the judged one
        self.acts: list[tuple[str, dict[str, Any]]] = []  # what people signed, with the file that holds it
        self.reference, self.statements = "", 0
        self.fingerprints: dict[str, str] = {}  # what can prove origin: what it is of → SHA-256
        self.info: dict[str, Any] = {}
        self.proved: list[str] = []
        self.unproved: list[str] = []
        self.useless: list[str] = []  # what was given to compare with, and why it can't be
        self.known: list[str] = []
        self.unprovable: list[str] = []

    def run(self) -> None:
        for name in sorted(self.pack.names):
            self.attempt(self.digest, name)
        self.attempt(self.tags)
        self.attempt(self.manifest, MANIFEST, {name for name in self.pack.names if name.startswith("data/")})
        self.attempt(
            self.manifest,
            TAG_MANIFEST,
            {n for n in self.pack.names if not n.startswith("data/")} - {TAG_MANIFEST, SIGNATURE, TIMESTAMP},
        )
        self.attempt(self.announced)
        self.attempt(self.sealed)
        self.attempt(self.signatures)

    def attempt(self, check: Callable[..., None], *arguments: Any) -> None:
        """Run a check; what it can't go on from is one problem more."""
        try:
            check(*arguments)
        except Wrong as error:
            self.wrong(str(error))
        except Useless as error:
            self.useless.append(str(error))
        except OSError as error:
            self.wrong(f"{quoted(str(error.filename))} can't be read: {error.strerror}.")
        except MALFORMED as error:
            named = [each for each in arguments if isinstance(each, str)] or [PACK, "or what it lists"]
            self.wrong(str(malformed(" ".join(named[:2]) if named[0] == PACK else quoted(named[0]), error)))

    def wrong(self, problem: str) -> None:
        self.problems[problem] = None  # each once, in the order found

    def digest(self, name: str) -> None:
        sha256, size = hashlib.sha256(), 0
        for chunk in self.pack.chunks(name):
            sha256.update(chunk)
            size += len(chunk)
        self.digests[name] = sha256.hexdigest(), size

    def read(self, name: str) -> bytes:
        if name not in self.pack.names:
            raise Wrong(f"{name} is missing.")
        if name not in self.digests:  # unreadable, which was said when it was hashed
            raise Wrong(f"{name} can't be read.")
        if self.digests[name][1] > LARGEST_DOCUMENT:
            raise Wrong(f"{name} is larger than {LARGEST_DOCUMENT} bytes.")
        return b"".join(self.pack.chunks(name))

    def tags(self) -> None:
        if self.read("bagit.txt") != DECLARATION:
            self.wrong("bagit.txt does not declare a BagIt 1.0 bag in UTF-8.")
        payload = [size for name, (_, size) in self.digests.items() if name.startswith("data/")]
        oxum = f"Payload-Oxum: {sum(payload)}.{len(payload)}".encode()
        if oxum not in self.read("bag-info.txt").splitlines():
            self.wrong(f"bag-info.txt and data disagree: there are {len(payload)} files with {sum(payload)} bytes.")

    def manifest(self, manifest: str, present: Collection[str]) -> None:
        listed = self.listed(manifest)
        gone = {name: sha256 for name, sha256 in listed.items() if name not in self.pack.names}
        old_names = {sha256: name for name, sha256 in gone.items()}
        for name in sorted(present):
            sha256 = self.digests.get(name, ("", 0))[0]
            if name not in listed:
                was = f" (its content is that of {quoted(old_names[sha256])})" if sha256 in old_names else ""
                self.wrong(f"{quoted(name)} is not listed in {manifest}{was}.")
            elif sha256 and sha256 != listed[name]:
                self.wrong(f"{quoted(name)} was changed: it doesn't have the digest listed in {manifest}.")
        for name in gone:
            self.wrong(f"{quoted(name)} is missing; {manifest} lists it.")

    def listed(self, manifest: str) -> dict[str, str]:
        lines = self.read(manifest).decode("utf-8", "replace").split("\n")
        found: dict[str, str] = {}
        for number, line in enumerate(lines[:-1], start=1):
            sha256, name = line[:64], line[66:]
            if not re.fullmatch(r"[0-9a-f]{64}", sha256) or line[64:66] != "  " or not name or name in found:
                raise Wrong(f"{manifest} was changed: line {number} is not a digest and a name.")
            found[name] = sha256
        if lines[-1] or list(found) != sorted(found):
            raise Wrong(f"{manifest} was changed: its lines are not whole and in order.")
        return found

    def announced(self) -> None:
        """Check that the pack holds exactly the lists that pack.json announces."""
        info = document(PACK, self.read(PACK))
        if not isinstance(info, dict) or info.get("format") != PACK_FORMAT:
            kind = ascii(info.get("format")) if isinstance(info, dict) else "no format"
            raise Unreadable(
                f"{PACK} has the format {kind}; this verify.py knows {PACK_FORMAT}. Use the one for that format."
            )
        self.attempt(self.begin_counting)
        try:
            self.lists(info)
        except MALFORMED as error:
            raise malformed(PACK, error) from None
        self.attempt(self.evaluation, info)

    def lists(self, info: dict[str, Any]) -> None:
        expected = set(SINGLE)
        for register in info["registers"]:
            slug = register["slug"]
            records, workbook = f"data/records/{slug}.jsonl", f"data/registers/{slug}.xlsx"
            leaves = f"data/proofs/{slug}.leaves"
            expected |= {records, workbook, leaves}
            self.has_digest(records, register["records_sha256"])
            self.has_digest(workbook, register["workbook_sha256"])
            self.attempt(self.records, register, records, leaves, info["as_of"])
        for paper in info["documents"]:
            for name, sha256 in paper["files"].items():
                expected.add("data/" + name)
                self.has_digest("data/" + name, sha256)
        for name, sha256 in info["proofs"]["files"].items():
            self.has_digest("data/proofs/" + name, sha256)
        for attachment in info["attachments"]:
            name = "data/attachments/" + attachment["sha256"]
            expected.add(name)
            self.has_digest(name, attachment["sha256"], attachment["size"])
        for name in sorted(self.pack.names - expected):
            if name.startswith("data/"):
                self.wrong(f"{quoted(name)} is not announced in {PACK}.")
        for name in sorted(expected - self.pack.names):
            self.wrong(f"{quoted(name)} is missing; {PACK} announces it.")
        rows = sum(self.registers.values())
        counts: dict[str, int] = {name: len(info[name]) for name in ("registers", "documents", "attachments")}
        counts["rows"] = rows
        if info["counts"] != counts:
            self.wrong(f"{PACK} was changed: it announces {info['counts']!a}, and there are {counts}.")
        self.reference = str(info["reference"])
        self.info = info

    def signatures(self) -> None:
        """Check who signed the pack: by our own means, then by the tools that are here."""
        if not self.info:
            return  # pack.json can't be read, which was said
        certificates = pem(CERTIFICATE, self.read(CERTIFICATE))
        try:
            self.signed(certificates)
        except MALFORMED as error:
            raise malformed(SIGNATURE, error) from None
        if self.problems:
            return  # what tools say of a pack that is wrong adds nothing
        with tempfile.TemporaryDirectory(prefix="verify-") as folder:
            tools = Tools(self, Path(folder))
            self.attempt(tools.signature)
            self.attempt(tools.report, certificates[0])
            self.attempt(tools.timestamp)

    def signed(self, certificates: list[bytes]) -> None:
        tags, signature = self.read(TAG_MANIFEST), self.read(SIGNATURE)
        told, fingerprint = self.info["signature"], hashlib.sha256(certificates[0]).hexdigest()
        if told["fingerprint"] != fingerprint:
            self.wrong(f"{CERTIFICATE} is not the certificate that {PACK} names.")
        attributes, signed = opened(signature)
        # Built anew and compared: so no byte of the signature is without meaning.
        if signature != container(certificates, attributes, signed):
            raise Wrong(f"{SIGNATURE} was changed, or is the signature of another certificate than {CERTIFICATE}.")
        if hashlib.sha256(tags).digest() != message_digest(attributes):
            raise Wrong(f"{TAG_MANIFEST} is not what was signed: {SIGNATURE} is a signature on other bytes.")
        # What is signed is a SET of the attributes, though they stand under another tag (RFC 5652, 5.4).
        if not rsa_signed(public_key(certificates[0]), tlv(0x31, attributes), signed):
            raise Wrong(f"{SIGNATURE} was changed: it is no signature by {CERTIFICATE}.")
        if told["timestamped"] != (TIMESTAMP in self.pack.names):
            there = "is missing; it announces one" if told["timestamped"] else "is there; it announces none"
            self.wrong(f"{PACK} and the time stamp disagree: {TIMESTAMP} {there}.")
        self.fingerprints["certificate"] = fingerprint
        self.proved.append(
            f"the pack was signed with the certificate {quoted(told['certificate'])}, and not changed since then."
        )

    def has_digest(self, name: str, sha256: str, size: "int | None" = None) -> None:
        found = self.digests.get(name)
        if found and (found[0] != sha256 or size not in (None, found[1])):
            self.wrong(f"{quoted(name)} was changed: it is not what {PACK} announces.")

    def records(self, register: dict[str, Any], name: str, leaves: str, as_of: str) -> None:
        """Check a register's rows, each beside its leaf."""
        if name not in self.digests or leaves not in self.digests:
            return  # missing or unreadable, which is said elsewhere
        slug, shown, number = register["slug"], quoted(name), 0
        columns = {column["name"]: column for column in register["proof"]["columns"]}
        beside = lines(quoted(leaves), self.pack.chunks(leaves))
        counts = [count for count in self.counts.values() if count.rule.register == slug]
        for number, line in enumerate(lines(shown, self.pack.chunks(name)), start=1):
            row = document(f"{shown}, line {number},", line)
            reference = row.get("reference") if isinstance(row, dict) else None
            if not isinstance(reference, str) or not reference or not self.ledger.add_row(slug, reference):
                raise Wrong(f"{shown} was changed: line {number} has no reference of its own.")
            if set(row) != set(columns):
                raise Wrong(f"{shown} was changed: line {number} has other columns than {PACK} announces.")
            leaf = Leaf(f"{quoted(leaves)}, line {number},", next(beside, b""))
            leaf.check(register["proof"]["table"], as_of)
            for count in counts:
                count.look_at(row | {name: leaf.row.get(name) for name in ("created_at", "history_date")}, reference)
            for column in columns.values():
                self.agrees(leaf, column, row[column["name"]], slug)
            self.ledger.add_leaf(leaf, slug, reference)
        if number != register["count"]:
            self.wrong(f"{shown} was changed: it has {number} rows where {PACK} announces {register['count']}.")
        if next(beside, None) is not None:
            self.wrong(f"{quoted(leaves)} was changed: it has more lines than there are rows.")
        self.registers[slug] = number

    def agrees(self, leaf: "Leaf", column: dict[str, Any], value: Any, slug: str) -> None:
        """Check that a row's column says what its leaf says."""
        how, inside = column["as"], leaf.row.get(column.get("leaf"))
        if how == "value":
            agreed = type(inside) is type(value) and inside == value
        elif how == "member":
            member = inside.get(column["name"]) if isinstance(inside, dict) else inside
            agreed = type(member) is type(value) and member == value
        elif how == "number":
            agreed = str(value).rpartition(".")[2] == str(inside)
        elif how == "row":
            agreed = (inside is None) == (value is None)
            if inside is not None:
                self.ledger.add_link(slug, column["name"], column["of"], inside, value)
        else:
            agreed = how == "nothing"
        if not agreed:
            raise Wrong(f"{leaf.where} says of {quoted(column['name'])} another thing than the row beside it.")

    def sealed(self) -> None:
        """Check that the leaves stand under the pack's head, and the head at the end of the chain."""
        if not self.info:
            return  # pack.json can't be read, which was said
        try:
            self.attempt(self.documents)
            head = self.chain()
            self.leaves(head)
            self.links()
            for name, act in self.acts:
                self.attempt(self.act, name, act)
        except MALFORMED as error:
            raise malformed(PACK, error) from None

    def chain(self) -> "Head":
        """Check every head of the chain, and that each tree begins the next; return the last."""
        told, before = self.info["proofs"], None
        keys = self.keys = [Key(each["verifier"], each["fingerprint"]) for each in told["keys"]]
        number = 0
        for number, line in enumerate(lines(SEALS, self.pack.chunks(SEALS)), start=1):
            where, entry = f"{SEALS}, line {number},", document(f"{SEALS}, line {number},", line)
            head = Head.read(where, entry["note"])
            if not any(key.signed(head) for key in keys):
                raise Wrong(f"{where} was changed: none of the keys that {PACK} names has signed this head.")
            if before and not head.follows(before, [bytes.fromhex(each) for each in entry["proof"]]):
                raise Wrong(f"{where}: the trail does not continue the one under the head before it.")
            self.heads[head.size] = before = head
        if before is None or before.note != told["head"]["note"] or number != told["seals"]:
            raise Wrong(f"{SEALS} was changed: it doesn't end with the head of the pack, or has lost or won heads.")
        if [before.origin, before.size, before.root.hex(), before.number, before.time] != [
            told["head"][name] for name in ("origin", "size", "root", "number", "time")
        ]:
            raise Wrong(f"{PACK} says of its head another thing than the head says itself.")
        signer = next(key for key in keys if key.signed(before))
        self.fingerprints[SEAL_KEY] = signer.fingerprint
        self.proved.append(
            f"the heads of the trail ({number}), each signed, follow from each other; the last, number {before.number} of "
            f"{before.time}, covers {before.size} entries."
        )
        return before

    def leaves(self, head: "Head") -> None:
        rows, papers = sum(self.registers.values()), len(self.info["documents"])
        if self.digests[SIBLINGS][1] != 32 * self.info["proofs"]["siblings"]:
            raise Wrong(f"{SIBLINGS} was changed: it hasn't as many hashes as {PACK} announces.")
        if rows + papers and not self.problems:
            if combined(self.ledger.leaves(), head.size, pieces(self.pack.chunks(SIBLINGS), 32)) != head.root:
                raise Wrong("data/proofs: the leaves of the rows do not lead to the root that the pack's head signs.")
            also = f" and {papers} documents" if papers else ""
            self.proved.append(
                f"all {rows} rows{also} were in the sealed trail: their leaves, byte for byte, lead to the root of "
                "that head."
            )

    def documents(self) -> None:
        """Check samples, sign-offs, decisions and appointments, each beside the leaf of the row it is made of."""
        beside = lines(DOCUMENTS, self.pack.chunks(DOCUMENTS))
        for number, entry in enumerate(self.info["documents"], start=1):
            name = f"data/{entry['folder']}/{entry['reference']}.json"
            value, leaf = document(name, self.read(name)), Leaf(f"{DOCUMENTS}, line {number},", next(beside, b""))
            kinds = {SAMPLE_FORMAT: self.sample, SIGN_OFF_FORMAT: self.sign_off, DECISION_FORMAT: self.decision}
            kinds[APPOINTMENT_FORMAT] = self.appointment
            if value.get("format") not in kinds or value.get("reference") != entry["reference"]:
                raise Wrong(f"{name} is of a format that this verify.py doesn't know, or of another name.")
            try:
                kinds[value["format"]](name, value, leaf)
            except MALFORMED as error:
                raise malformed(quoted(name), error) from None
            self.ledger.add_leaf(leaf, entry["folder"], entry["reference"])
        if next(beside, None) is not None:
            raise Wrong(f"{DOCUMENTS} was changed: it has more lines than there are documents.")

    def same(self, name: str, leaf: "Leaf", said: dict[str, Any]) -> None:
        """Check that a document says what its leaf says."""
        for column, value in said.items():
            if leaf.row.get(column) != value:
                raise Wrong(f"{leaf.where} says of {quoted(column)} another thing than {name}.")

    def sample(self, name: str, sample: dict[str, Any], leaf: "Leaf") -> None:
        """Draw a frozen sample again."""
        population, size = sample["population"], sample["size"]
        kept = {k: sample[k] for k in ("reference", "register", "query", "method", "stratified_by", "size", "seed")}
        kept |= {"population": population["count"], "digest": population["digest"], "entries": population["rows"]}
        self.same(name, leaf, kept)
        told = "".join(f"{reference}\t{stratum}\t{weight}\n" for reference, stratum, weight in sorted(kept["entries"]))
        if len(kept["entries"]) != kept["population"] or hashlib.sha256(told.encode()).hexdigest() != kept["digest"]:
            raise Wrong(f"{name}: its population is not the one that was frozen.")
        drawn = drawn_again(sample["method"], kept["entries"], size, sample["seed"])
        if [[row[k] for k in ("reference", "stratum", "weight")] for row in sample["rows"]] != drawn:
            raise Wrong(f"{name}: drawing again with its seed gives other rows.")
        self.proved.append(
            f"sample {sample['reference']}: its {size} of {kept['population']} rows are those that its seed draws, and "
            "its population is the one that was frozen."
        )

    def decision(self, name: str, decision: dict[str, Any], leaf: "Leaf") -> None:
        """Check that a decision on a gap is the one that was written down."""
        about, by = decision["about"], decision["decided_by"]
        said = {k: decision[k] for k in ("reference", "code", "reason", "until", "decided_at")}
        said |= {k: about[k] for k in ("result", "value", "exceptions")}
        said |= {"kind": decision["decision"], "printed_name": by["name"], "job_title": by["job_title"]}
        said |= {"period_from": about["period"]["from"], "period_to": about["period"]["to"]}
        self.same(name, leaf, said)
        if (decision["action"] is None) != (leaf.row.get("action_id") is None):
            raise Wrong(f"{leaf.where} says of 'action_id' another thing than {name}.")

    def appointment(self, name: str, told: dict[str, Any], leaf: "Leaf") -> None:
        """Check that a membership in top management is the one that was written down; names stand in no leaf."""
        said = {
            k: told[k] for k in ("role", "job_title", "valid_from", "valid_until", "ended_at", "given_at", "reason")
        }
        by, said["id"] = told["given_by"], int(told["reference"].partition("-")[2])
        self.same(name, leaf, said | {"user_id": told["person"]["id"], "given_by_id": by["id"] if by else None})
        until = f" until {quoted(told['valid_until'])}" if told["valid_until"] else ""
        gave = (
            f"given by {quoted(by['name'])}" if by else "given by nobody (declared at set-up, or before this was kept)"
        )
        day = f" at {quoted(told['given_at'])}" if told["given_at"] else ""
        why = f", because: {quoted(told['reason'])}" if told["reason"] else ""
        self.known.append(
            f"{quoted(told['person']['name'])}, {quoted(told['job_title'])}, is top management from "
            f"{quoted(told['valid_from'])}{until}, {gave}{day}{why}; the days are sealed, the names are not."
        )

    def sign_off(self, name: str, sign_off: dict[str, Any], leaf: "Leaf") -> None:
        """Check what was signed, byte for byte.

        The heads are compared with the chain when that has been read.
        """
        self.same(name, leaf, {"reference": sign_off["reference"], "statement": sign_off["statement"]})
        self.same(name, leaf, {"digest": sign_off["sha256"], "seal_note": sign_off["head"]})
        self.acts.append((name, sign_off))
        if sign_off["withdrawal"]:
            self.acts.append((name, sign_off["withdrawal"]))
        period, signer, changes = sign_off["period"], sign_off["signer"], sign_off["changes"]
        results = len(changes["results"]) + len(changes["by_time"])
        interim = " (interim)" if sign_off["interim"] else ""
        self.proved.append(
            f"{sign_off['reference']}: the evaluation of {quoted(period['from'])} to {quoted(period['to'])}{interim} was "
            f"signed by {quoted(signer['name'])}, {quoted(signer['job_title'])}, at {quoted(sign_off['signed_at'])}, "
            f"confirmed by {quoted(sign_off['method'])}."
        )
        if sign_off["withdrawal"]:
            self.known.append(
                f"{sign_off['reference']} was withdrawn at {quoted(sign_off['withdrawal']['signed_at'])}."
            )
        self.known.append(
            f"since {sign_off['reference']} was signed, by the product's count, "
            f"{plural(changes['count'], 'change was', 'changes were')} made behind it, and {plural(results, 'result differs', 'results differ')}."
        )

    def act(self, name: str, act: dict[str, Any]) -> None:
        """Check the bytes that somebody signed, and the head under which."""
        statement = document(f"{name}, its statement,", act["statement"].encode())
        if hashlib.sha256(act["statement"].encode()).hexdigest() != act["sha256"]:
            raise Wrong(f"{name}: what was signed doesn't have the digest that it had then.")
        if statement["signer"] != act["signer"] or statement["seal"]["note"] != act["head"]:
            raise Wrong(f"{name} says another signer or another head than what was signed.")
        head, last = Head.read(name, act["head"]), max(self.heads)
        if head.size > last:
            self.unproved.append(f"the head under which {name} was withdrawn: it is later than the pack.")
        elif head.size not in self.heads or self.heads[head.size].root != head.root:
            raise Wrong(f"{name}: the head under which it was signed is not in the chain of the pack.")

    def links(self) -> None:
        """Check the references of rows to each other by the numbers in their leaves."""
        for slug, column, reference in self.ledger.wrong_links():
            self.wrong(f"data/records/{slug}.jsonl: {quoted(column)} names {quoted(reference)}, the leaf another row.")
        proofs = [column for register in self.info["registers"] for column in register["proof"]["columns"]]
        named = {why: sorted({c["name"] for c in proofs if c.get("why") == why}) for why in WHY}
        self.proved.append(
            f"{sum(c['as'] != 'nothing' for c in proofs)} of {len(proofs)} columns of the records say what the leaves say."
        )
        for why, names in named.items():
            if names:
                self.unprovable.append(f"by its leaf what a row says of {listed(names)}: {WHY[why]}")
        if elsewhere := self.ledger.links_out():
            self.unprovable.append(f"{elsewhere} references to rows that are not in this pack.")
        self.unprovable.append("that no row and no newer version was left out; only that what is here was sealed so.")

    def begin_counting(self) -> None:
        """Get ready to count the statements again while the rows go by."""
        try:
            evaluation = document(EVALUATION, self.read(EVALUATION))
            basis = Basis(evaluation["period"], evaluation["basis"])
            self.asks_nothing = basis.last < basis.since
            codes = [assertion["code"] for assertion in evaluation["assertions"]]
        except MALFORMED as error:
            raise malformed(EVALUATION, error) from None
        self.counts = {code: Count(RULES[code], basis) for code in codes if code in RULES}

    def evaluation(self, info: dict[str, Any]) -> None:
        evaluation = document(EVALUATION, self.read(EVALUATION))
        self.has_digest(EVALUATION, info["evaluation"]["sha256"])
        try:
            if evaluation["format"] != EVALUATION_FORMAT:
                raise Unreadable(
                    f"{EVALUATION} has the format {evaluation['format']!a}; this is for {EVALUATION_FORMAT}."
                )
            if len({assertion["code"] for assertion in evaluation["assertions"]}) != info["evaluation"]["count"]:
                self.wrong(f"{EVALUATION} was changed: it doesn't hold the number of statements that {PACK} announces.")
            for assertion in evaluation["assertions"]:
                self.assertion(assertion)
                self.statements += 1
        except MALFORMED as error:
            raise malformed(EVALUATION, error) from None

    def assertion(self, assertion: dict[str, Any]) -> None:
        where = f"{EVALUATION}, statement {quoted(assertion['code'])}"
        share = (assertion["numerator"], assertion["denominator"])
        if assertion["result"] not in RESULTS:
            self.wrong(f"{where}: {quoted(assertion['result'])} is no result.")
        if None not in share and not 0 <= share[0] <= share[1]:
            self.wrong(f"{where}: {share[0]} of {share[1]} can't be.")
        named = assertion["exceptions"]["references"]
        if assertion["exceptions"]["count"] != len(named) or len(set(named)) != len(named):
            self.wrong(
                f"{where}: it counts {assertion['exceptions']['count']!a} exceptions and names {len(set(named))}."
            )
        because = {each for reason in assertion["exceptions"]["reasons"] for each in reason["references"]}
        if because != set(named):
            odd = quoted(min(because ^ set(named)))
            self.wrong(f"{where}: its reasons and its exceptions name different rows, among them {odd}.")
        register = assertion["register"]
        unknown = {each for each in named if register in self.registers and not self.ledger.has_row(register, each)}
        if unknown:
            first = quoted(min(unknown))
            self.wrong(f"{where}: {len(unknown)} exceptions are not in its register, among them {first}.")
        self.count_again(assertion, where)

    def count_again(self, assertion: dict[str, Any], where: str) -> None:
        """Compare a statement's numbers and result with what the rows of the pack come to."""
        code, named, total = assertion["code"], set(assertion["exceptions"]["references"]), assertion["denominator"]
        if assertion["result"] == "not applicable" or total is None:
            return
        if self.asks_nothing:
            if assertion["result"] != "no evidence" or total or named:
                self.wrong(f"{where}: it judges a period that ended before the organization's first day.")
            return
        good = total - len(named)
        count = self.counts.get(code)
        if count and not (count.could and count.rule.register == assertion["register"] in self.registers):
            count = None
        # Not due and not done; or a risk that nobody assessed: neither good nor an exception.
        waiting = range(good + 1 if code in WAITING else 1)
        if count and count.rule.waits:
            waiting = range(count.waiting, count.waiting + len(count.undecided | count.perhaps) + 1)
        left = good - assertion["numerator"]
        if left not in waiting or (left and assertion["result"] == "met"):
            self.wrong(f"{where}: {total} rows without {len(named)} exceptions are not {assertion['numerator']!a}.")
        if assertion["result"] not in results(code, total, len(named), count):
            self.wrong(f"{where}: its numbers do not come to the result {quoted(assertion['result'])}.")
        if count is None:
            self.counted["named"].append(code)
            return
        if not count.population <= total <= count.population + len(count.perhaps):
            self.wrong(f"{where}: it counts {total} rows, and in the pack there are {count.population} of this kind.")
        for reference in sorted(count.exceptions - named)[:3]:
            self.wrong(f"{where}: {quoted(reference)} is an exception by its row, and isn't named.")
        undecided = count.undecided | count.perhaps
        for reference in sorted(named - count.exceptions - undecided)[:3] if count.rule.is_whole else []:
            self.wrong(f"{where}: {quoted(reference)} is named as an exception, and by its row it is none.")
        self.changed |= {f"{count.rule.register}/{reference}" for reference in undecided}
        self.counted["whole" if count.rule.is_whole else "part"].append(code)


class Ledger:
    """The rows, leaves and links that have to be found again.

    They are in a database of its own on disk, so that memory doesn't grow with the rows.
    """

    def __init__(self) -> None:
        self.database = sqlite3.connect("")  # a private file that SQLite makes and removes
        self.database.executescript(
            """
            CREATE TABLE row (register TEXT, reference TEXT, key INTEGER, PRIMARY KEY (register, reference));
            CREATE TABLE leaf (place INTEGER PRIMARY KEY, hash BLOB);
            CREATE TABLE link (register TEXT, name TEXT, target TEXT, key INTEGER, reference TEXT);
            CREATE INDEX row_key ON row (register, key);
            """
        )

    def put(self, statement: str, *values: Any) -> bool:
        try:
            self.database.execute(statement, values)
        except sqlite3.IntegrityError:
            return False
        return True

    def add_row(self, register: str, reference: str) -> bool:
        """Note a row; False where there is one with its reference."""
        return self.put("INSERT INTO row (register, reference) VALUES (?, ?)", register, reference)

    def add_leaf(self, leaf: "Leaf", register: str, reference: str) -> None:
        self.put("UPDATE row SET key = ? WHERE register = ? AND reference = ?", leaf.row["id"], register, reference)
        if not self.put("INSERT INTO leaf VALUES (?, ?)", leaf.index, leaf.hash):
            raise Wrong(f"{leaf.where} was changed: another row has this leaf.")

    def add_link(self, register: str, column: str, target: str, key: int, reference: str) -> None:
        self.put("INSERT INTO link VALUES (?, ?, ?, ?, ?)", register, column, target, key, reference)

    def has_row(self, register: str, reference: str) -> bool:
        found = self.database.execute("SELECT 1 FROM row WHERE register = ? AND reference = ?", (register, reference))
        return found.fetchone() is not None

    def leaves(self) -> Iterator[tuple[int, bytes]]:
        """Yield index and hash of every leaf, in the order of the tree."""
        yield from self.database.execute("SELECT place, hash FROM leaf ORDER BY place")

    def wrong_links(self) -> list[tuple[str, str, str]]:
        """Return register, column and reference where a leaf leads to another row than its record."""
        return self.database.execute(
            """
            SELECT link.register, link.name, link.reference FROM link
            LEFT JOIN row ON row.register = link.target AND row.key = link.key
            WHERE row.reference <> link.reference OR (row.reference IS NULL AND EXISTS (
                SELECT 1 FROM row AS named WHERE named.register = link.target AND named.reference = link.reference))
            """
        ).fetchmany(SHOWN)

    def links_out(self) -> int:
        """Return how many links lead to rows that aren't in the pack."""
        without = "NOT EXISTS (SELECT 1 FROM row WHERE row.register = link.target AND row.key = link.key)"
        return int(self.database.execute(f"SELECT count(*) FROM link WHERE {without}").fetchone()[0])


def pieces(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Split a file into pieces of a size."""
    rest = b""
    for chunk in chunks:
        rest += chunk
        whole = len(rest) - len(rest) % size
        for at in range(0, whole, size):
            yield rest[at : at + size]
        rest = rest[whole:]


def lines(name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Split a file into its lines, each of which must end and be of a size that fits in memory."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        if len(rest) > LARGEST_LINE:
            raise Wrong(f"{name} has a line of more than {LARGEST_LINE} bytes.")
    if rest:
        raise Wrong(f"{name} was changed: its last line is cut off.")


def document(name: str, written: bytes) -> Any:
    """Return the value of canonical JSON (RFC 8785; here without fractions, keys in ASCII).

    Raises:
        Wrong: it isn't canonical JSON.
    """
    try:
        value = json.loads(written, parse_float=refused, parse_constant=refused, parse_int=whole_number)
        again = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        raise Wrong(f"{name} was changed: it is not JSON.") from None
    if again != written:
        raise Wrong(f"{name} was changed: its JSON is not in canonical form.")
    return value


def refused(number: str) -> NoReturn:
    raise ValueError(f"{number} has no canonical form here.")


def whole_number(digits: str) -> int:
    return int(digits) if len(digits) <= 17 else refused(digits)


def decimal(written: "str | int") -> Decimal:
    """Return a number as the product writes one; what would be endless is refused."""
    return Decimal(written) if NUMBER.fullmatch(str(written)) else refused(ascii(written))


# ---- The statements, counted again from the rows: written anew here, so that one mistake isn't made twice ----

Row = dict[str, Any]


class Basis:
    """The days, moments and targets that statements are judged by.

    Days and moments are texts, which compare as they follow each other.
    """

    def __init__(self, period: dict[str, str], basis: dict[str, Any]) -> None:
        self.first, self.last, self.day = period["from"], period["to"], basis["day"]
        self.since = basis["since"]
        self.until, self.starts, self.ends = basis["until"], basis["starts"], basis["ends"]
        self.judged_at = basis["judged_at"]
        self.targets = {name: decimal(value) for name, value in basis["targets"].items()}

    def counts(self, row: Row) -> bool:
        """Say whether a row wasn't archived; what was put away after the judged day counted on it, if it was there."""
        if row["archived_at"] is None or self.until is None or row["archived_at"] < self.until:
            return row["archived_at"] is None
        return bool(row["created_at"] < self.until)

    def begun(self, row: Row, name: str) -> bool:
        """Say whether the day from which a row counts isn't a later one."""
        return row[name] is None or bool(row[name] <= self.day)

    def held(self, row: Row, name: str) -> Any:
        """Return a date of a row, unless it is later than the judged day: what stood there before isn't in the pack."""
        if not self.begun(row, name):
            raise Later
        return row[name]

    def overdue(self, row: Row, done: str, every: str = "review_days", target: str = "review_days") -> bool:
        """Say whether what must be done every so many days was never done, or due before the day."""
        if self.held(row, done) is None:
            return True
        days = int(self.targets[target]) if row[every] is None else row[every]
        return bool((date.fromisoformat(row[done]) + timedelta(days=days)).isoformat() < self.day)

    def year(self) -> str:
        """Return the first of the twelve months' days that end with the day."""
        day = date.fromisoformat(self.day)
        ago = date(day.year - 1, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
        return (ago + timedelta(days=1)).isoformat()

    def missed(self, row: Row, due: str, *steps: str) -> bool:
        """Say whether a moment went by before the first of the steps that was taken."""
        step = min((row[name] for name in steps if row[name] is not None), default=self.judged_at)
        return row[due] is not None and row[due] < self.judged_at and row[due] < step


class Later(Exception):
    """A row says what was so later than on the judged day."""


class Rule:
    """A statement: the rows of a register that it is about, and those for which it doesn't hold.

    `missing` says why the exceptions can't all be found by the register's columns.
    """

    def __init__(
        self,
        register: str,
        population: Callable[[Row, Basis], Any],
        exceptions: Callable[[Row, Basis], Any] = lambda row, basis: False,
        missing: str = "",
        scores: bool = False,
        waits: Callable[[Row, Basis], Any] | None = None,
    ) -> None:
        self.register, self.population, self.exceptions, self.missing = register, population, exceptions, missing
        self.waits = waits  # says which of the others can't have fallen short yet
        self.scores = scores  # whether it is judged by the scores of its rows

    @property
    def is_whole(self) -> bool:
        return not self.missing


class Count:
    """The result of a rule: the rows it speaks of, counted, and its exceptions."""

    def __init__(self, rule: Rule, basis: Basis) -> None:
        self.rule, self.basis, self.population, self.could, self.climate = rule, basis, 0, True, False
        self.waiting = 0
        self.exceptions: set[str] = set()
        self.scores = Scores()
        # What can't be told of a row that was changed later: whether it is of the population, or an exception.
        self.perhaps: set[str] = set()
        self.undecided: set[str] = set()

    def look_at(self, row: Row, reference: str) -> None:
        try:
            unsure = self.perhaps
            if not self.basis.counts(row) or not self.rule.population(row, self.basis):
                return
            self.population, unsure = self.population + 1, self.undecided
            self.climate = self.climate or row.get("category") == "climate"
            if self.rule.exceptions(row, self.basis):
                self.exceptions.add(reference)
            elif self.rule.waits and self.rule.waits(row, self.basis):
                self.waiting += 1
            if self.rule.scores:
                self.scores.add(row)
        except Later:
            unsure.add(reference)
        except MALFORMED:  # columns that this rule doesn't know
            self.could = False


class Scores:
    """People's answers to each question on its scale; several of one person count once."""

    def __init__(self) -> None:
        self.people: dict[tuple[str, str, str, bool], dict[Any, tuple[int, Decimal]]] = {}

    def add(self, row: Row) -> None:
        scale = (str(row["question"]).casefold(), row["scale_min"], row["scale_max"], bool(row["higher_is_better"]))
        people, name = self.people.setdefault(scale, {}), " ".join(row["respondent"].split()).casefold()
        if row["customer"]:
            person: Any = ("customer", row["customer"], name)
        else:  # numbers begin anew in the next survey; who names nobody is a person of their own
            person = ("survey", row["wave"], name) if name else len(people)
        number, total = people.get(person, (0, Decimal(0)))
        people[person] = (number + 1, total + decimal(row["normalized"]))

    def results(self, targets: dict[str, Decimal]) -> set[str]:
        """Return what the scores can come to.

        A segment with enough people may miss the target where its question reaches it, and a survey may name fewer people
        asked than answered: both stand in other registers.
        """
        fewest, target = max(int(targets["minimum_answers"]), 10), Fraction(targets["satisfaction_target"])
        enough = {scale: people for scale, people in self.people.items() if len(people) >= fewest}
        means = [sum(Fraction(total) / n for n, total in people.values()) / len(people) for people in enough.values()]
        if any(mean < target - Fraction(1, 10**9) for mean in means):  # the product counts with binary fractions
            return {"gap"}
        if not enough:
            return {"attention"}
        both_ways = len({scale[:3] for scale in self.people}) < len(self.people)
        return {"attention", "gap"} if both_ways or len(enough) < len(self.people) else {"met", "attention", "gap"}


def active(row: Row, basis: Basis, *more: str) -> bool:
    if not basis.begun(row, "effective_on") or row["status"] in ("active", *more):
        return basis.begun(row, "effective_on")
    written_later = basis.until is not None and row["history_date"] >= basis.until
    if (row["status"] == "superseded" and written_later) or (
        row["status"] == "not_applicable" and not basis.begun(row, "decided_on")
    ):
        raise Later
    return False


def determined(row: Row, basis: Basis) -> bool:
    return basis.begun(row, "determined_on")


def is_open(row: Row, basis: Basis) -> bool:
    return determined(row, basis) and bool(row["status"] == "open")


def decided_on(row: Row, basis: Basis) -> bool:
    """Say whether an action had been decided on: it is of the day it was recorded, unless it was due, done or told before."""
    known = [row["created_at"]] if basis.until and row["created_at"] < basis.until else []
    days = [day for day in (row["due_on"], row["done_on"], row["escalated_on"]) if day and day <= basis.day]
    return basis.until is None or bool(known or days)


def unfinished(row: Row, basis: Basis) -> bool:
    """Say whether an action had been decided on, and wasn't done."""
    later = row["status"] == "done" and not basis.begun(row, "done_on")
    return decided_on(row, basis) and (later or row["status"] in ("planned", "under_way"))


def late(row: Row, basis: Basis) -> bool:
    if row["due_on"] is None:
        return True
    return row["due_on"] < basis.day and (not row["escalation"] or basis.held(row, "escalated_on") is None)


def not_begun(row: Row, basis: Basis) -> bool:
    """Say whether nobody had answered a complaint in any way, with all its days still before it."""
    steps = [row[name] for name in ("acknowledged_at", "responded_at", "closed_at")]
    return all(step is None or step > basis.judged_at for step in steps)


def untold(row: Row, basis: Basis) -> bool:
    """Say whether a complaint was closed, and its outcome not told by then."""
    told = row["outcome_told"] and (row["outcome_told_at"] is None or row["outcome_told_at"] <= basis.judged_at)
    return row["closed_at"] is not None and row["closed_at"] <= basis.judged_at and not told


def enhanced(row: Row, basis: Basis) -> bool:
    if row["done_on"] is None or row["done_on"] >= basis.first:
        return row["done_on"] is not None and bool(row["done_on"] <= basis.day)
    return basis.held(row, "measured_on") is None or bool(row["measured_on"] >= basis.first)


def unlinked(row: Row, basis: Basis) -> bool:
    return not row["affects"] or not (row["requirements"] or row["parties"])


def not_assessed(row: Row, basis: Basis) -> bool:
    return basis.overdue(row, "assessed_on", target="assessment_days") or row["owner"] is None


def in_period(row: Row, basis: Basis) -> bool:
    return bool(basis.starts <= row["collected_at"] < basis.ends)


MEMBERS = "who was a member that day is not in the pack"
READ = "who acknowledged which version is told by people's accounts"
TWO = "it takes rows of two registers"
SIGNED = "it takes sign-offs of the period before"
OTHERS = "the pack does not hold the columns it takes"
SCALE = "the versions of the scale are not in the pack"
WAITING = ("a8", "a9", "b8", "c5", "c9")
RULES = {
    "a1": Rule(
        "requirements",
        active,
        lambda row, basis: (
            not all(row[name] for name in ("source", "kind", "effective_on", "interested_party", "owner"))
        ),
        MEMBERS,
    ),
    "a2": Rule("requirements", active, lambda row, basis: basis.overdue(row, "last_reviewed_on")),
    "a3": Rule(
        "interested-parties",
        lambda row, basis: row["relevant"],
        lambda row, basis: (
            basis.overdue(row, "last_reviewed_on") or not row["addressed"] or basis.held(row, "addressed_on") is None
        ),
    ),
    "a4": Rule(
        "requirements",
        lambda row, basis: row["kind"] in ("statutory", "regulatory") and active(row, basis, "not_applicable"),
        lambda row, basis: (
            row["applicable"] == "undecided"
            or not all(row[n] for n in ("decided_by", "justification", "jurisdiction"))
            or (basis.held(row, "decided_on") and False)
        ),
    ),
    "a8": Rule("requirements", lambda row, basis: active(row, basis) and row["owner"] is not None, missing=READ),
    "a9": Rule(
        "requirements", lambda row, basis: active(row, basis) and row["criticality"] == "critical", missing=READ
    ),
    "a12": Rule("requirements", active, missing=TWO),
    "a13": Rule(
        "checks",
        lambda row, basis: row["checked_on"] is not None and basis.year() <= row["checked_on"] <= basis.day,
        lambda row, basis: row["result"] in ("partly", "not_met"),
    ),
    "b1": Rule(
        "issues",
        lambda row, basis: True,
        lambda row, basis: (
            basis.overdue(row, "reviewed_on")
            or (row["category"] == "climate" and not (row["relevance"] and row["relevance_rationale"]))
        ),
    ),
    "b2": Rule("risks", is_open, unlinked),
    "b3": Rule("risks", is_open, not_assessed, f"{MEMBERS}, and {SCALE}"),
    "b4": Rule("requirements", lambda row, basis: active(row, basis) and row["criticality"] == "critical", missing=TWO),
    "b5": Rule("opportunities", determined, lambda row, basis: not row["response"]),
    "b9": Rule(
        "actions",
        unfinished,
        late,
    ),
    "b13": Rule(
        "opportunities",
        lambda row, basis: determined(row, basis) and row["response"] == "pursue",
        lambda row, basis: not row["expected_result"] or (row["status"] == "closed" and not row["realised_result"]),
    ),
    "b14": Rule("opportunities", is_open, unlinked),
    "b15": Rule("opportunities", is_open, not_assessed, f"{MEMBERS}, and {SCALE}"),
    "c1": Rule(
        "interested-parties",
        lambda row, basis: row["relevant"] and row["kind"] in ("customer", "end_user"),
        lambda row, basis: not row["segment"],
        TWO,
    ),
    "c2": Rule("interested-parties", lambda row, basis: row["relevant"] and row["is_key_customer"], missing=TWO),
    "c3": Rule(
        "feedback",
        lambda row, basis: row["source"] == "survey" and row["normalized"] is not None and in_period(row, basis),
        lambda row, basis: decimal(row["normalized"]) < 50,
        scores=True,
    ),
    "c5": Rule(
        "complaints",
        lambda row, basis: (
            row["received_at"] < basis.ends
            and (row["received_at"] >= basis.starts or row["closed_at"] is None or row["closed_at"] >= basis.starts)
        ),
        lambda row, basis: (
            basis.missed(row, "acknowledge_due_at", "acknowledged_at", "closed_at")
            or basis.missed(row, "answer_due_at", "responded_at", "closed_at")
            or basis.missed(row, "close_due_at", "closed_at")
            or untold(row, basis)
        ),
        waits=not_begun,
    ),
    "c9": Rule(
        "enhancements",
        enhanced,
        lambda row, basis: (
            (row["measure_due_on"] is None or row["measure_due_on"] < basis.day)
            and basis.held(row, "measured_on") is None
        ),
        waits=lambda row, basis: basis.held(row, "measured_on") is None,
    ),
    "c10": Rule(
        "feedback",
        lambda row, basis: row["source"] == "compliment" and in_period(row, basis),
        lambda row, basis: basis.held(row, "shared_on") is None,
    ),
}


def results(code: str, total: int, exceptions: int, count: "Count | None") -> set[str]:
    """Return the results that a statement's numbers can come to, by the documented rule."""
    if code == "c13":
        return {
            "met",
            "attention",
            "gap",
            "no evidence",
        }  # by the signatures asked for and the days left, which aren't told
    if not total:
        return {"no evidence"}
    if code == "a13":
        if count is None:
            return {"met", "attention", "gap"}
        few = total < count.basis.targets["minimum_answers"]
        enough = 100 * (total - exceptions) >= count.basis.targets["conformity_target"] * total
        return {"attention", "gap"} if few and not enough else {"attention" if few else "met" if enough else "gap"}
    if code == "c3":
        return count.scores.results(count.basis.targets) if count else {"met", "attention", "gap"}
    if exceptions or (code == "b1" and count and not count.climate):
        return {"gap"}
    if count and count.waiting:
        return {"attention"}
    return {"met", "attention"} | ({"gap"} if code == "b5" else set())  # attention: something falls due soon


# ---- Samples, drawn again (the recipe is told in the product's guide for auditors) ----

SAMPLE_FORMAT, SIGN_OFF_FORMAT = "customerfocus-sample/1", "customerfocus-signed/1"
DECISION_FORMAT = "customerfocus-decision/1"
APPOINTMENT_FORMAT = "customerfocus-appointment/1"
DECIMALS = Context(prec=28, rounding=ROUND_HALF_EVEN)
Listed = list[Any]  # reference, stratum, weight


def drawn_again(method: str, entries: list[Listed], size: int, seed: str) -> list[Listed]:
    """Return the rows that a seed draws from a population, in the order of the draw."""

    def key(entry: Listed) -> int:
        return int.from_bytes(hashlib.sha256(f"{seed}:{entry[0]}".encode()).digest(), "big")

    def arrival(entry: Listed) -> tuple[Decimal, int]:
        chance = DECIMALS.divide(Decimal(key(entry) + 1), Decimal(2**256 + 1))
        return DECIMALS.divide(DECIMALS.ln(chance).copy_negate(), decimal(entry[2])), key(entry)

    if method == "simple":
        return sorted(entries, key=key)[:size]
    if method == "risk":
        return sorted(entries, key=arrival)[:size]
    if method != "stratified":
        raise ValueError(f"{method} is no method of drawing.")
    shares = allotted(Counter(entry[1] for entry in entries), size)
    return [
        entry
        for name, share in shares.items()
        for entry in sorted((each for each in entries if each[1] == name), key=key)[:share]
    ]


def allotted(strata: Counter[str], size: int) -> dict[str, int]:
    """Return how many rows each stratum gives: in proportion, and at least one."""
    total = sum(strata.values())
    given = {name: max(1, size * strata[name] // total) for name in sorted(strata)}
    if not len(strata) <= size <= total:
        raise ValueError("A sample has at least a row of each stratum, and no more than all rows.")

    def shortfall(name: str) -> int:
        return size * strata[name] - given[name] * total

    while sum(given.values()) < size:
        given[max((name for name in given if given[name] < strata[name]), key=shortfall)] += 1
    while sum(given.values()) > size:
        given[min((name for name in given if given[name] > 1), key=shortfall)] -= 1
    return given


# ---- The trail: a hash tree (RFC 6962, 2.1) whose heads are signed ----

SEAL_KEY = "key of its seals"
WHY = {
    "person": "it holds a person's number, not the address.",
    "site": "it holds a site's number, not the code.",
    "links": "links between rows are rows of their own.",
    "computed": "it is worked out from other rows.",
}
NOTE = re.compile(
    r"((?P<origin>[^\s+]+)\n(?P<size>[0-9]{1,18})\n(?P<root>[A-Za-z0-9+/]{43}=)\nnumber (?P<number>[0-9]{1,18})\n"
    r"time (?P<time>[0-9TZ:.-]+)\nprevious [0-9]+ [A-Za-z0-9+/]{43}=\npurpose (?P<purpose>[a-z-]+)\n)\n"
    r"((?:\u2014 [^\s+]+ [A-Za-z0-9+/=]+\n)+)"
)


class Leaf:
    """A line of a file of leaves: an index, a blank, and the bytes that were hashed.

    These are the JSON of a version of a row.
    """

    def __init__(self, where: str, line: bytes) -> None:
        self.where = where
        index, _, data = line.partition(b" ")
        try:
            self.index, leaf = int(index), json.loads(data)
            self.row, self.table = leaf["row"], leaf["table"]
            if not re.fullmatch(b"[0-9]{1,18}", index) or not isinstance(self.row["id"], int):
                raise ValueError
        except (ValueError, TypeError, KeyError, RecursionError):
            raise Wrong(f"{where} is missing or was changed: it is not an index and a version of a row.") from None
        self.hash = leaf_hash(data)

    def check(self, table: str, as_of: str) -> None:
        """Check that it is of a table, and that the version was there at a moment."""
        if self.table != table:
            raise Wrong(f"{self.where} is of the table {quoted(str(self.table))}, not of {quoted(table)}.")
        if self.row.get("history_type") not in ("+", "~") or not str(self.row.get("history_date")) <= as_of:
            raise Wrong(f"{self.where} is a version of a row that was not there at the moment of the pack.")


class Head:
    """A signed head: how large the tree was, its root, when and what for."""

    def __init__(self, found: re.Match[str]) -> None:
        self.note, self.text, self.signatures = found[0], found[1], found[8]
        self.origin, self.time, self.purpose = found["origin"], found["time"], found["purpose"]
        self.size, self.number, self.root = int(found["size"]), int(found["number"]), base64.b64decode(found["root"])

    @classmethod
    def read(cls, where: str, note: str) -> "Head":
        found = NOTE.fullmatch(note)
        if not found:
            raise Wrong(f"{where} is not a head as signed notes are written.")
        return cls(found)

    def signed_by(self) -> Iterator[tuple[str, bytes]]:
        """Yield of each signature its name, and its bytes, which begin with the key's id."""
        for line in self.signatures.splitlines():
            _, name, encoded = line.split(" ")
            try:
                yield name, base64.b64decode(encoded)
            except ValueError:
                yield name, b""

    def follows(self, before: "Head", proof: list[bytes]) -> bool:
        """Say whether this tree begins with the one before."""
        if self.origin != before.origin or self.number <= before.number or self.size <= before.size:
            return False
        if before.size == 0:
            return not proof
        return consistent(before.size, before.root, self.size, self.root, proof)


class Key:
    """A public key as tools for signed notes write it: name, id, and the key in Base64."""

    def __init__(self, verifier: str, fingerprint: str) -> None:
        name, known_by, encoded = verifier.split("+", 2)
        key = base64.b64decode(encoded, validate=True)
        self.name, self.key, self.id = name, key[1:], hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        self.fingerprint = hashlib.sha256(self.key).hexdigest()[:40]
        # A byte that names the kind, 1 for Ed25519, and the key's 32 (C2SP signed-note).
        if len(key) != 33 or key[0] != 1 or self.id.hex() != known_by:
            raise Wrong(f"{PACK} names a key for seals that is none.")
        if fingerprint.replace(" ", "").lower() != self.fingerprint:
            raise Wrong(f"{PACK} says that a key for seals has the fingerprint of another.")

    def signed(self, head: Head) -> bool:
        """Say whether a head bears a signature of this key."""
        for name, signature in head.signed_by():
            if name == self.name == head.origin and signature[:4] == self.id:
                return ed25519_signed(self.key, head.text.encode(), signature[4:])
        return False


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def combined(leaves: Iterator[tuple[int, bytes]], size: int, proof: Iterator[bytes]) -> bytes:
    """Return the root that some leaves of a tree lead to.

    It is nothing where the proof is too long or too short. Of two nodes that meet, those without leaves of ours come
    from the proof, in the order in which they meet.
    """
    upcoming = next(leaves, None)

    def node(first: int, last: int) -> bytes:
        nonlocal upcoming
        if last - first == 1 and upcoming:
            hash, upcoming = upcoming[1], next(leaves, None)
            return hash
        middle = first + (1 << (last - first - 1).bit_length() - 1)
        left = node(first, middle) if upcoming and upcoming[0] < middle else None
        right = node(middle, last) if upcoming and upcoming[0] < last else None
        return node_hash(left or next(proof, b""), right or next(proof, b""))

    root = node(0, size) if upcoming and upcoming[0] < size else b""
    return root if upcoming is None and next(proof, None) is None else b""


def consistent(old_size: int, old_root: bytes, size: int, root: bytes, proof: list[bytes]) -> bool:
    """Say whether a proof shows that a tree begins with another (RFC 9162, 2.1.4.2)."""
    nodes = proof if old_size & (old_size - 1) else [old_root, *proof]
    if not proof:
        return False
    number, last = old_size - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if not last:
            return False
        if number & 1 or number == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, node)
        number, last = number >> 1, last >> 1
    return not last and old == old_root and new == root


# ---- Ed25519 (RFC 8032, 5.1) ----

Point = tuple[int, int, int, int]
PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
CURVE, SQRT = -121665 * pow(121666, -1, PRIME) % PRIME, pow(2, (PRIME - 1) // 4, PRIME)


def added(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % PRIME, (p[1] + p[0]) * (q[1] + q[0]) % PRIME
    c, d = 2 * p[3] * q[3] * CURVE % PRIME, 2 * p[2] * q[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def multiplied(factor: int, point: Point) -> Point:
    result = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = added(result, point)
        point, factor = added(point, point), factor >> 1
    return result


def point(encoded: bytes) -> "Point | None":
    """Return the point of an encoding (RFC 8032, 5.1.3), or nothing where there is none."""
    y, sign = int.from_bytes(encoded, "little") & (1 << 255) - 1, encoded[31] >> 7
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(CURVE * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if x * x % PRIME != square:
        x = x * SQRT % PRIME
    if x * x % PRIME != square or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else PRIME - x
    return x, y, 1, x * y % PRIME


BASE = point((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))


def ed25519_signed(key: bytes, content: bytes, signature: bytes) -> bool:
    """Say whether a signature is the key's, on this content (RFC 8032, 5.1.7)."""
    if len(signature) != 64 or len(key) != 32:
        return False
    public, nonce, scalar = point(key), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or nonce is None or BASE is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + content).digest(), "little") % ORDER
    left, right = multiplied(scalar, BASE), added(nonce, multiplied(challenge, public))
    return not any((left[at] * right[2] - right[at] * left[2]) % PRIME for at in (0, 1))


# ---- Signatures: CMS (RFC 5652) as the product writes it, with RSA (RFC 8017, 8.2.2) ----

SHA256, RSA, DATA, SIGNED_DATA, MESSAGE_DIGEST = (
    bytes.fromhex("06" + oid)
    for oid in ("09608648016503040201", "092a864886f70d01010b", "092a864886f70d010701", "092a864886f70d010702",
                "092a864886f70d010904")
)  # fmt: skip
NULL = b"\5\0"
LARGEST_KEY = 16384  # bits


def tlv(tag: int, *contents: bytes) -> bytes:
    """Return a value in DER: its tag, its length, its contents."""
    content = b"".join(contents)
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 + len(length))) + length + content


def values(content: bytes) -> list[tuple[int, bytes, bytes]]:
    """Split the contents of a DER value into values: tag, contents, and all of its bytes."""
    found, at = [], 0
    while at < len(content):
        tag, size, start = content[at], content[at + 1], at + 2
        if size & 128:
            start += size & 127
            size = int.from_bytes(content[at + 2 : start], "big")
        if start + size > len(content):
            raise ValueError("A value is longer than what holds it.")
        found.append((tag, content[start : start + size], content[at : start + size]))
        at = start + size
    return found


def inside(content: bytes, *path: int) -> bytes:
    """Return the contents of the value found by going down a path of positions."""
    for position in path:
        content = values(content)[position][1]
    return content


def opened(signature: bytes) -> tuple[bytes, bytes]:
    """Return the signed attributes of a CMS signature, and the signature on them."""
    # Content, SignedData, its last field, the first signer (RFC 5652, 5.1); of that the fields named in 5.3.
    signer = inside(signature, 0, 1, 0, -1, 0)
    return inside(signer, 3), inside(signer, 5)


def container(certificates: list[bytes], attributes: bytes, signed: bytes) -> bytes:
    """Return the CMS signature that the product makes of these parts.

    There is room for nothing else in it.
    """
    fields = to_be_signed(certificates[0])
    sha256, rsa = tlv(0x30, SHA256, NULL), tlv(0x30, RSA, NULL)
    version = tlv(2, b"\1")
    who = tlv(0x30, fields[2][2], fields[0][2])
    signer = tlv(0x30, version, who, sha256, tlv(0xA0, attributes), rsa, tlv(4, signed))
    chain = tlv(0xA0, *sorted(certificates))  # a SET, whose members DER puts in the order of their bytes (X.690, 11.6)
    body = tlv(0x30, version, tlv(0x31, sha256), tlv(0x30, DATA), chain, tlv(0x31, signer))
    return tlv(0x30, SIGNED_DATA, tlv(0xA0, body))


def to_be_signed(certificate: bytes) -> list[tuple[int, bytes, bytes]]:
    """Return the fields of a certificate from the serial number on (RFC 5280, 4.1)."""
    fields = values(inside(certificate, 0, 0))
    return fields[1:] if fields[0][0] == 0xA0 else fields


def message_digest(attributes: bytes) -> bytes:
    """Return the digest of what was signed, which stands among the signed attributes."""
    for _tag, attribute, _whole in values(attributes):
        kind, value = values(attribute)
        if kind[2] == MESSAGE_DIGEST:
            return inside(value[1], 0)
    raise ValueError("It doesn't say what it is a signature on.")


def public_key(certificate: bytes) -> tuple[int, int]:
    """Return modulus and exponent of a certificate's RSA key."""
    key = inside(to_be_signed(certificate)[5][1], 1)[1:]
    modulus, exponent = (int.from_bytes(value[1], "big") for value in values(inside(key, 0)))
    if modulus.bit_length() > LARGEST_KEY or exponent.bit_length() > 64:  # would take for ever
        raise ValueError(f"The key of the certificate is larger than {LARGEST_KEY} bits.")
    return modulus, exponent


def rsa_signed(key: tuple[int, int], content: bytes, signature: bytes) -> bool:
    """Say whether a signature (RSASSA-PKCS1-v1_5, SHA-256) is the key's, on this content."""
    modulus, exponent = key
    size = (modulus.bit_length() + 7) // 8
    digest = tlv(0x30, tlv(0x30, SHA256, NULL), tlv(4, hashlib.sha256(content).digest()))
    # The padded digest is built and compared, never taken apart: laxly read padding lets signatures be forged.
    expected = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
    number = int.from_bytes(signature, "big")
    return (
        len(signature) == size and number < modulus and pow(number, exponent, modulus).to_bytes(size, "big") == expected
    )


def pem(name: str, text: bytes) -> list[bytes]:
    """Return the certificates in a file, which must hold nothing else."""
    found = re.findall(b"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)-----END CERTIFICATE-----\n", text)
    try:
        certificates = [base64.b64decode(each) for each in found]
    except ValueError:
        certificates = []
    again = b"".join(
        b"-----BEGIN CERTIFICATE-----\n" + wrapped(base64.b64encode(each)) + b"-----END CERTIFICATE-----\n"
        for each in certificates
    )
    if not certificates or again != text:
        raise Wrong(f"{name} was changed: it is not a list of certificates.")
    return certificates


def wrapped(text: bytes) -> bytes:
    return b"".join(text[at : at + 64] + b"\n" for at in range(0, len(text), 64))


class Tools:
    """Other people's tools, openssl and pdfsig, where they are here.

    None of them is asked to trust anyone.
    """

    SECONDS = 120

    def __init__(self, check: Check, folder: Path) -> None:
        self.check, self.folder = check, folder

    def file(self, name: str) -> str:
        """Copy a file of the pack to a name of ours, so that no name of the pack reaches a command."""
        copy = self.folder / re.sub(r"[^a-z0-9]+", "-", name.rpartition("/")[2].lower())
        copy.write_bytes(self.check.read(name))
        return str(copy)

    def run(self, tool: str, *arguments: str) -> tuple[int, str]:
        """Run a tool; return its exit code and all it said.

        The code is -1 where the tool isn't here or never ended.
        """
        path = shutil.which(tool)
        if path is None or not os.path.isabs(path):  # one that lies in this folder may be a stranger's
            return -1, f"no {tool} here"
        try:
            done = subprocess.run(
                [path, *arguments],
                check=False,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=self.SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return -1, f"{tool} could not be run: {error}"
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def signature(self) -> None:
        arguments = ["cms", "-verify", "-binary", "-inform", "DER", "-in", self.file(SIGNATURE)]
        arguments += ["-content", self.file(TAG_MANIFEST), "-CAfile", self.file(CERTIFICATE)]
        code, said = self.run("openssl", *arguments, *PARTIAL, "-purpose", "any", "-out", os.devnull)
        self.judge(SIGNATURE, "openssl", code == 0, "verification failure" in said.lower(), said)

    def report(self, certificate: bytes) -> None:
        # A PDF holds its signature, and in it the certificate, as hexadecimal digits; pdfsig isn't told whose it is.
        content = self.check.read(REPORT)
        if certificate.hex().encode() not in content.lower():
            self.check.wrong(f"{REPORT} is not signed with the certificate of the pack.")
        code, said = self.run("pdfsig", "-nocert", self.file(REPORT))
        good = code == 0 and said.count("Signature is Valid.") == 1 and "Total document signed" in said
        self.judge(REPORT, "pdfsig", good, code in (0, 1) and "Signature" in said, said)

    def timestamp(self) -> None:
        if TIMESTAMP not in self.check.pack.names:
            self.check.unproved.append("when the pack was made: it bears no time stamp from outside.")
            return
        reply = self.file(TIMESTAMP)
        code, said = self.run("openssl", "ts", "-reply", "-in", reply, "-text")
        when = re.search(r"^Time stamp: (.*)$", said, re.MULTILINE)
        token, certificates = str(self.folder / "token"), str(self.folder / "authority")
        if code == 0 and when:
            self.run("openssl", "ts", "-reply", "-in", reply, "-token_out", "-out", token)
            self.run("openssl", "pkcs7", "-inform", "DER", "-in", token, "-print_certs", "-out", certificates)
            code, said = self.run(
                "openssl",
                "ts",
                "-verify",
                "-data",
                self.file(TAG_MANIFEST),
                "-in",
                reply,
                *PARTIAL,
                "-CAfile",
                certificates,
            )
        self.judge(TIMESTAMP, "openssl", code == 0, code > 0, said)
        if code == 0 and when:
            self.check.proved.append(
                f"a time-stamp authority saw the pack by {quoted(when[1])}, if you trust that authority "
                f"(openssl ts -reply -in {TIMESTAMP} -text names it)."
            )

    def judge(self, name: str, tool: str, good: bool, bad: bool, said: str) -> None:
        """Note what a tool says about a file; a tool that couldn't say anything is named as such."""
        if good:
            self.check.proved.append(f"{tool} agrees with {name}.")
        elif bad:
            self.check.wrong(f"{name}: {tool} says that its signature doesn't hold.")
        else:
            last = said.strip().splitlines()[-1:] or ["it said nothing"]
            self.check.unproved.append(f"{name} by other people's tools, not checked: {ascii(last[0])[1:-1]}.")


PARTIAL = ("-partial_chain",)  # a certificate of the pack is enough to check with; whether to trust it is not asked


# ---- What to say about it ----


def main(arguments: "list[str] | None" = None) -> int:
    """Check the pack that the arguments name, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(
        description="Check an evidence pack.",
        epilog="Exit: 0 nothing wrong, 1 wrong, 2 unreadable, or nothing to compare with.",
    )
    parser.add_argument("path", type=Path, help="the zip, or the folder it was unpacked to")
    parser.add_argument("--fingerprint", help="of the signing key, told to you over another channel")
    parser.add_argument("--head", type=Path, metavar="FILE", help="an earlier signed head")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        check = examined(options.path)
    except (Unreadable, OSError) as error:
        print("Origin not proved: this pack can't be read.")
        print(str(error))
        return 2
    origin = proved_origin(check, options.fingerprint)
    if options.head:
        check.attempt(compare_head, check, options.head)
    report(check, origin)
    for sentence in check.useless:
        print(f"Not checked: {sentence}")
    return 1 if check.problems else 2 if check.useless else 0


def examined(path: Path) -> Check:
    try:
        pack = Folder(path) if path.is_dir() else Zip(path)
    except Wrong as error:
        check = Check(Pack())
        check.wrong(str(error))
        return check
    check = Check(pack)
    try:
        check.run()
    except Unreadable as error:
        if not check.problems:
            raise
        check.wrong(str(error))
    return check


def proved_origin(check: Check, given: "str | None") -> str:
    """Return what proves the origin, or nothing.

    A fingerprint that is of nothing in the pack is a problem.
    """
    if given is None:
        return ""
    digits = re.sub(r"^sha-?256( fingerprint)?[:=]|[:\s]", "", given.strip().lower())
    for of, fingerprint in check.fingerprints.items():
        if digits == fingerprint:
            return of
    check.wrong(
        f"--fingerprint {given!a} is not that of the {' or the '.join(sorted(check.fingerprints)) or 'signer'}."
    )
    return ""


def compare_head(check: Check, file: Path) -> None:
    """Compare a head that was kept outside with the chain of the pack.

    A history written anew can't contain it. Whether it is a head at all is asked first: a sign that was mistyped says
    nothing about the history.
    """
    given, heads = head_in(file), list(check.heads.values())
    if not heads:
        return  # the chain can't be read, which was said
    shown, last = f"the head number {given.number} of {given.time} that you gave", heads[-1]
    if given.origin != last.origin:
        raise Useless(f"--head: {shown} is of {quoted(given.origin)}, the pack of {quoted(last.origin)}.")
    if not any(key.signed(given) for key in check.keys):
        raise Useless(f"--head: {shown} {unsigned(given, check.keys)} So it says nothing about this pack.")
    if given.size > last.size:
        check.unproved.append(f"that {shown} continues this pack: it is later. Ask for verify_trail --head.")
    elif given.size not in check.heads:
        raise Wrong(
            f"--head: {shown} is not in the pack's chain, which holds every head that was mailed, signed or packed "
            "before. If you had it in one of these ways, the history was written anew since."
        )
    elif check.heads[given.size].root != given.root:
        raise Wrong(f"--head: {shown} has another root than the pack's of that size: the history was written anew.")
    else:
        check.proved.append(f"{shown} is in the chain: what was sealed then is unchanged in this trail.")


def head_in(file: Path) -> Head:
    """Return the signed head in a file, a mail say."""
    try:
        text = file.read_text("utf-8", "replace").replace("\r\n", "\n")
    except OSError as error:
        raise Useless(f"--head: the file can't be read: {ascii(str(error))[1:-1]}.") from None
    found = NOTE.search(text)
    if not found:
        raise Useless("--head: there is no signed head in that file, or a sign of it is missing or mistyped.")
    return Head(found)


def unsigned(head: Head, keys: list[Key]) -> str:
    """Return why a head counts for nothing: it isn't what the key signed, or another key signed it."""
    ids = {signature[:4] for name, signature in head.signed_by() if name == head.origin}
    if ids & {key.id for key in keys}:
        return (
            "is not what its key signed: a sign of it was mistyped or changed. Compare it, sign by sign, with the mail or "
            "paper that you have it from."
        )
    named = " or ".join(sorted(each.hex() for each in ids)) or "none"
    ours = " or ".join(key.id.hex() for key in keys)
    return (
        f"is signed by the key {named}, and the heads of this pack by {ours}. If it wasn't mistyped, ask the organization "
        "when the key was changed, and for a pack whose chain reaches back to your head."
    )


def report(check: Check, origin: str) -> None:
    """Print what was found, in sentences; the first says whether origin is proved."""
    if check.problems:
        print("Origin not proved, and something is wrong with this pack.")
        for problem in list(check.problems)[:SHOWN]:
            print(f"Wrong: {problem}")
        if len(check.problems) > SHOWN:
            print(f"Wrong: {len(check.problems) - SHOWN} more problems like these.")
        return
    registers, rows, files = len(check.registers), sum(check.registers.values()), len(check.digests)
    if origin:
        of = "Origin of the records" if origin == SEAL_KEY else "Origin"
        print(f"{of} proved: the {origin} has the fingerprint that you gave. The pack is consistent in itself.")
    else:
        print("Origin not proved: nobody told us a fingerprint. This pack is consistent in itself.")
    print(f"Proved: pack {quoted(check.reference)} is whole: none of its {files} files is missing, added or changed.")
    print(f"Proved: {registers} registers have the {rows} rows announced, each with a reference of its own.")
    print(f"Proved: {check.statements} statements have counts that agree, and their exceptions are in their registers.")
    report_counts(check)
    for sentence in check.proved:
        print(f"Proved: {sentence}")
    if not origin:
        print("Not proved: who made the pack. Ask the organization, over another channel, for its fingerprint, and run")
        print("            this again with --fingerprint. In this pack there is")
        for of, fingerprint in check.fingerprints.items():
            print(f"            of the {of} {colons(fingerprint)}")
    elif origin == SEAL_KEY:
        print("Not proved: who signed the files around the records. The certificate has the fingerprint")
        print(f"            {colons(check.fingerprints['certificate'])}")
    for sentence in check.unproved:
        print(f"Not proved: {sentence}")
    for sentence in check.known:
        print(f"Known: {sentence}")
    if check.pack.sha256:
        print(f"Known: this zip has the SHA-256 {check.pack.sha256}.")
    for sentence in check.unprovable:
        print(f"Can't be proved: {sentence}")
    print("Can't be proved: that what was recorded is true; only that it was recorded so.")


def report_counts(check: Check) -> None:
    """Say of each statement whether it could be counted again from the rows."""
    whole, part, named = (check.counted[kind] for kind in ("whole", "part", "named"))
    if whole:
        print(f"Proved: recomputed from the rows, population, exceptions and result: {listed(whole)}.")
    if part:
        print(f"Proved: recomputed in part, the population and what the columns tell: {listed(part)}.")
    reasons: dict[str, list[str]] = {}
    for code in part + named:
        known = RULES.get(code)
        reason = SIGNED if code == "c13" else TWO if known is None else known.missing or OTHERS
        reasons.setdefault(reason, []).append(code)
    if check.changed:
        print(
            f"Can't be recomputed: what {plural(len(check.changed), 'row', 'rows')} said on the judged day: "
            "changed on a later one, and only the last version is in the pack."
        )
    for reason, codes in reasons.items():
        print(f"Can't be recomputed: all exceptions of {listed(codes)}: {reason}. They were counted only.")


def colons(fingerprint: str) -> str:
    """Return a fingerprint as people read it out to each other, as the product shows it."""
    certificate = len(fingerprint) == 64
    return (":" if certificate else " ").join(re.findall(".." if certificate else "....", fingerprint.upper()))


def listed(names: list[str]) -> str:
    return ", ".join(map(quoted, names))


if __name__ == "__main__":
    sys.exit(main())
