#!/usr/bin/env python3
"""Check an evidence pack: python3 verify.py PATH [--fingerprint F] [--head FILE]

PATH is the zip as it was received, or the folder it was unpacked to. Needs Python 3.9 or newer and nothing else: no
network, no account. The first line says whether origin is proved; then come sentences: what is wrong, what is proved,
what is not, what can't be. Ends with 0: nothing wrong; 1: something is wrong, named; 2: the pack can't be read.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Collection, Iterator
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
SINGLE = {PACK, EVALUATION, REPORT, CERTIFICATE, "data/README.txt", "data/verify.py"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
CHUNK = 1 << 20
LARGEST_DOCUMENT, LARGEST_LINE, LARGEST_PACK = 1 << 29, 1 << 26, 1 << 38  # bytes; what is larger is refused
SHOWN = 40  # problems printed; the rest is counted


class Unreadable(Exception):
    """The path is no pack that can be read."""


class Wrong(Exception):
    """Something is wrong; the message names the file."""


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
    """A file in a zip, and the headers that the product gives a file of this name, size and place."""

    def __init__(self, name: bytes, method: int, crc: int, packed: int, size: int, offset: int) -> None:
        self.name, self.method, self.crc, self.packed, self.size, self.offset = name, method, crc, packed, size, offset
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
    """Return the bytes that follow the last file of a zip, up to the digest that is its last 64 bytes."""
    central = b"".join(entry.central() for entry in entries)
    count, size, more = len(entries), len(central), b""
    if count > 0xFFFF or start > LIMIT or size > LIMIT:
        more = struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
        more += struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
    counts = (min(count, 0xFFFF), min(count, 0xFFFF), min(size, FULL), min(start, FULL))
    return central + more + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, *counts, 71) + b"sha256:"


class Zip(Pack):
    """A pack as a zip, read from its first byte on; every byte outside the files must be as the product writes it.

    So there is no room for a hidden entry, a link, a second directory, or a name that differs between two places.
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
        found = self.read(start, len(expected) + 65)
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
                if size > entry.size:
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
            out = inflate.decompress(data, CHUNK)
            while out:
                yield out
                out = inflate.decompress(inflate.unconsumed_tail, CHUNK)
        if not inflate.eof or inflate.unused_data:
            raise zlib.error("The compressed bytes end too early or too late.")


def parts(total: int) -> Iterator[int]:
    """Split a number of bytes into counts that fit in memory."""
    for start in range(0, total, CHUNK):
        yield min(CHUNK, total - start)


def quoted(name: str | bytes) -> str:
    """Return a name that may come from a stranger, fit for a terminal."""
    text = name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else name
    return text if NAME.fullmatch(text) else ascii(text)


# ---- What is in it ----


class Check:
    """Goes through a pack and collects what is wrong with it, each with the name of the file."""

    def __init__(self, pack: Pack) -> None:
        self.pack, self.problems = pack, dict.fromkeys(pack.problems)
        self.digests: dict[str, tuple[str, int]] = {}
        self.references: dict[str, set[str]] = {}
        self.reference, self.rows, self.statements = "", 0, 0
        self.fingerprints: dict[str, str] = {}  # what can prove origin: what it is of → SHA-256
        self.info: dict[str, Any] = {}
        self.proved: list[str] = []
        self.unproved: list[str] = []

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
        self.attempt(self.signatures)

    def attempt(self, check: Callable[..., None], *arguments: Any) -> None:
        """Run a check; what it can't go on from is one problem more."""
        try:
            check(*arguments)
        except Wrong as error:
            self.wrong(str(error))

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
        try:
            self.lists(info)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise Wrong(
                f"{PACK} is not built as its format asks: {type(error).__name__} {quoted(str(error))}."
            ) from None
        self.attempt(self.evaluation, info)

    def lists(self, info: dict[str, Any]) -> None:
        expected = set(SINGLE)
        for register in info["registers"]:
            slug = register["slug"]
            records, workbook = f"data/records/{slug}.jsonl", f"data/registers/{slug}.xlsx"
            expected |= {records, workbook}
            self.has_digest(records, register["records_sha256"])
            self.has_digest(workbook, register["workbook_sha256"])
            self.attempt(self.records, slug, records, register["count"])
        for attachment in info["attachments"]:
            name = "data/attachments/" + attachment["sha256"]
            expected.add(name)
            self.has_digest(name, attachment["sha256"], attachment["size"])
        for name in sorted(self.pack.names - expected):
            if name.startswith("data/"):
                self.wrong(f"{quoted(name)} is not announced in {PACK}.")
        for name in sorted(expected - self.pack.names):
            self.wrong(f"{quoted(name)} is missing; {PACK} announces it.")
        counts = {"registers": len(info["registers"]), "rows": self.rows, "attachments": len(info["attachments"])}
        if info["counts"] != counts:
            self.wrong(f"{PACK} was changed: it announces {info['counts']!a}, and there are {counts}.")
        self.reference = str(info["reference"])
        self.info = info

    def signatures(self) -> None:
        """Check who signed the pack: by ourselves, then by the tools that are here."""
        if not self.info:
            return  # pack.json can't be read, which was said
        certificates = pem(CERTIFICATE, self.read(CERTIFICATE))
        try:
            self.signed(certificates)
        except (ValueError, IndexError, KeyError) as error:
            raise Wrong(f"{SIGNATURE} is not built as its format asks: {quoted(str(error))}.") from None
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
        if signature != container(certificates, attributes, signed):
            raise Wrong(f"{SIGNATURE} was changed, or is the signature of another certificate than {CERTIFICATE}.")
        if hashlib.sha256(tags).digest() != message_digest(attributes):
            raise Wrong(f"{TAG_MANIFEST} is not what was signed: {SIGNATURE} is a signature on other bytes.")
        if not rsa_signed(public_key(certificates[0]), tlv(0x31, attributes), signed):
            raise Wrong(f"{SIGNATURE} was changed: it is no signature by {CERTIFICATE}.")
        if told["timestamped"] != (TIMESTAMP in self.pack.names):
            there = "is missing; it announces one" if told["timestamped"] else "is there; it announces none"
            self.wrong(f"{PACK} and the time stamp disagree: {TIMESTAMP} {there}.")
        self.fingerprints["certificate"] = fingerprint
        self.proved.append(
            f"the pack was signed with the certificate {quoted(told['certificate'])}, and not changed since then."
        )

    def has_digest(self, name: str, sha256: str, size: int | None = None) -> None:
        found = self.digests.get(name)
        if found and (found[0] != sha256 or size not in (None, found[1])):
            self.wrong(f"{quoted(name)} was changed: it is not what {PACK} announces.")

    def records(self, slug: str, name: str, count: int) -> None:
        if name not in self.digests:
            return  # missing or unreadable, which is said elsewhere
        shown, references, number = quoted(name), set(), 0
        for number, line in enumerate(lines(shown, self.pack.chunks(name)), start=1):
            row = document(f"{shown}, line {number},", line)
            reference = row.get("reference") if isinstance(row, dict) else None
            if not isinstance(reference, str) or not reference or reference in references:
                raise Wrong(f"{shown} was changed: line {number} has no reference of its own.")
            references.add(reference)
        if number != count:
            self.wrong(f"{shown} was changed: it has {number} rows where {PACK} announces {count}.")
        self.rows += number
        self.references[slug] = references

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
        except (KeyError, TypeError, AttributeError) as error:
            raise Wrong(f"{EVALUATION} is not built as its format asks: {quoted(str(error))}.") from None

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
        unknown = set(named) - self.references.get(assertion["register"], set(named))
        if unknown:
            first = quoted(min(unknown))
            self.wrong(f"{where}: {len(unknown)} exceptions are not in its register, among them {first}.")


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
    """Return the value of canonical JSON (RFC 8785; here without fractions, keys in ASCII); Wrong if it isn't that."""
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


# ---- Signatures: CMS (RFC 5652) as the product writes it, with RSA (RFC 8017, 8.2.2) ----

SHA256, RSA, DATA, SIGNED_DATA, MESSAGE_DIGEST = (
    bytes.fromhex("06" + oid)
    for oid in ("09608648016503040201", "092a864886f70d01010b", "092a864886f70d010701", "092a864886f70d010702",
                "092a864886f70d010904")
)  # fmt: skip
NULL = b"\5\0"


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
    signer = inside(signature, 0, 1, 0, -1, 0)
    return inside(signer, 3), inside(signer, 5)


def container(certificates: list[bytes], attributes: bytes, signed: bytes) -> bytes:
    """Return the CMS signature that the product makes of these parts. There is room for nothing else in it."""
    fields = to_be_signed(certificates[0])
    sha256, rsa = tlv(0x30, SHA256, NULL), tlv(0x30, RSA, NULL)
    version = tlv(2, b"\1")
    who = tlv(0x30, fields[2][2], fields[0][2])
    signer = tlv(0x30, version, who, sha256, tlv(0xA0, attributes), rsa, tlv(4, signed))
    chain = tlv(0xA0, *sorted(certificates))
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
    return modulus, exponent


def rsa_signed(key: tuple[int, int], content: bytes, signature: bytes) -> bool:
    """Say whether a signature (RSASSA-PKCS1-v1_5, SHA-256) is the key's, on this content."""
    modulus, exponent = key
    size = (modulus.bit_length() + 7) // 8
    digest = tlv(0x30, tlv(0x30, SHA256, NULL), tlv(4, hashlib.sha256(content).digest()))
    expected = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
    number = int.from_bytes(signature, "big")
    return (
        len(signature) == size and number < modulus and pow(number, exponent, modulus).to_bytes(size, "big") == expected
    )


def pem(name: str, text: bytes) -> list[bytes]:
    """Return the certificates in a file, which must hold nothing else."""
    found = re.findall(b"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)-----END CERTIFICATE-----\n", text)
    certificates = [base64.b64decode(each) for each in found]
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
    """What other people's tools say: openssl and pdfsig, where they are here. None of them is asked to trust anyone."""

    SECONDS = 120

    def __init__(self, check: Check, folder: Path) -> None:
        self.check, self.folder = check, folder

    def file(self, name: str) -> str:
        """Copy a file of the pack to a name of ours, so that no name of the pack reaches a command."""
        copy = self.folder / re.sub(r"[^a-z0-9]+", "-", name.rpartition("/")[2].lower())
        copy.write_bytes(self.check.read(name))
        return str(copy)

    def run(self, tool: str, *arguments: str) -> tuple[int, str]:
        """Run a tool; return its exit code and all it said. -1 where it isn't here or never ended."""
        path = shutil.which(tool)
        if path is None:
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


def main(arguments: list[str] | None = None) -> int:
    """Check the pack that the arguments name, print what was found, and return the exit code."""
    parser = argparse.ArgumentParser(
        description="Check an evidence pack.", epilog="Exit: 0 nothing wrong, 1 wrong, 2 unreadable."
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
        check.wrong("--head was given, but this pack carries no signed head that it could be compared with.")
    report(check, origin)
    return 1 if check.problems else 0


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


def proved_origin(check: Check, given: str | None) -> str:
    """Return what proves the origin, or nothing; a fingerprint that is of nothing in the pack is a problem."""
    if given is None:
        return ""
    digits = re.sub(r"^sha-?256( fingerprint)?[:=]|[:\s]", "", given.strip().lower())
    for of, fingerprint in check.fingerprints.items():
        if digits == fingerprint:
            return of
    check.wrong(f"--fingerprint {given!a} is not that of the {' or the '.join(check.fingerprints) or 'signer'}.")
    return ""


def report(check: Check, origin: str) -> None:
    """Print what was found, in sentences; the first says whether origin is proved."""
    if check.problems:
        print("Origin not proved, and something is wrong with this pack.")
        for problem in list(check.problems)[:SHOWN]:
            print(f"Wrong: {problem}")
        if len(check.problems) > SHOWN:
            print(f"Wrong: {len(check.problems) - SHOWN} more problems like these.")
        return
    registers, files = len(check.references), len(check.digests)
    if origin:
        print(f"Origin proved: the {origin} has the fingerprint that you gave. The pack is consistent in itself.")
    else:
        print("Origin not proved: nobody told us a fingerprint. This pack is consistent in itself.")
    print(f"Proved: pack {quoted(check.reference)} is whole: none of its {files} files is missing, added or changed.")
    print(f"Proved: {registers} registers have the {check.rows} rows announced, each with a reference of its own.")
    print(f"Proved: {check.statements} statements have counts that agree, and their exceptions are in their registers.")
    for sentence in check.proved:
        print(f"Proved: {sentence}")
    if not origin:
        print("Not proved: who made the pack. Ask the organization, over another channel, for its fingerprint, and run")
        print("            this again with --fingerprint. In this pack there is")
        for of, fingerprint in check.fingerprints.items():
            print(f"            of the {of} {colons(fingerprint)}")
    for sentence in check.unproved:
        print(f"Not proved: {sentence}")
    if check.pack.sha256:
        print(f"Known: this zip has the SHA-256 {check.pack.sha256}.")
    print("Can't be proved: that what was recorded is true; only that it was recorded so.")


def colons(fingerprint: str) -> str:
    """Return a fingerprint as people read it out to each other."""
    return ":".join(re.findall("..", fingerprint.upper()))


if __name__ == "__main__":
    sys.exit(main())
