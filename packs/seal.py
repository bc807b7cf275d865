"""Sealing: a folder of rendered files becomes a BagIt 1.0 bag (RFC 8493), the bag one zip.

The chain: every file under `data` is listed with its digest in `manifest-sha256.txt`, every file beside it in
`tagmanifest-sha256.txt`. The signature over the tag manifest therefore covers everything; it stands beside it, and so
does the time stamp, which is all that differs between two builds of one request.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo
from zoneinfo import ZoneInfo

from packs.contents import PackInfo
from packs.render import digest
from packs.signing.certificate import Certificate
from packs.signing.signatures import sign_bytes, sign_pdf
from typesetting.text import Legible, one_line

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SIGNATURE, TIMESTAMP = TAG_MANIFEST + ".p7s", TAG_MANIFEST + ".tsr"
DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TEXT = {".txt", ".json", ".jsonl", ".py"}  # deflated; the rest is compressed already, or an evidence file as it came
NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say
STAMP = b"sha256:"
CHUNK = 1 << 20

Stamp = Callable[[bytes], bytes]


class CertificateReplaced(RuntimeError):
    """The certificate is another one than when the records were collected."""


def bag_name(info: PackInfo) -> str:
    """Return the name of the bag's folder inside the zip, also a good name for the zip."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", f"{info.organization.slug}-{info.reference}").strip("-")


def seal(info: PackInfo, folder: Path, certificate: Certificate, stamp: Stamp | None = None) -> None:
    """Sign the report in `folder/data`, write the tag files of a bag around it, and sign those.

    Args:
        info: what the pack is; signatures bear the time it was asked for, so the same files give the same bytes.
        folder: what was rendered.
        certificate: whose certificate the report names.
        stamp: asks an authority for a time stamp on bytes; none where no authority is set.

    Raises:
        CertificateReplaced: the report names another certificate than this.
        TimestampError: the authority gave no time stamp that holds.
    """
    if certificate.signer != info.signer:
        raise CertificateReplaced("The report names another certificate than the one to sign with.")
    # Before the manifests are written: they list the report as it is signed.
    sign_pdf(folder / "data" / "report.pdf", certificate, info.asked_at)
    close(info, folder, certificate, stamp)


def close(info: PackInfo, folder: Path, certificate: Certificate, stamp: Stamp | None = None) -> None:
    """Write the tag files around a finished `folder/data`, and their signature and time stamp."""
    write_tags(info, folder)
    tags = (folder / TAG_MANIFEST).read_bytes()
    (folder / SIGNATURE).write_bytes(sign_bytes(tags, certificate, info.asked_at))
    if stamp is not None:
        (folder / TIMESTAMP).write_bytes(stamp(tags))


def write_tags(info: PackInfo, folder: Path) -> None:
    """Write the tag files of a bag around `folder/data`, without a signature."""
    payload = [file for file in sorted((folder / "data").rglob("*")) if file.is_file()]
    _write(folder / "bagit.txt", DECLARATION)
    _write(folder / "bag-info.txt", _bag_info(info, payload))
    _write(folder / MANIFEST, _manifest(folder, payload))
    tags = [folder / name for name in ("bag-info.txt", "bagit.txt", MANIFEST)]
    _write(folder / TAG_MANIFEST, _manifest(folder, tags))


def zip_bag(folder: Path, out: Path, name: str) -> str:
    """Write the bag in `folder` as a zip with one folder `name` in it (RFC 8493, 4).

    The zip holds nothing that differs from one run to the next: entries are sorted, times and modes fixed, and its
    comment is the digest of all bytes before it, so that a change in any byte, even one that no file depends on, shows.

    Returns:
        The zip's SHA-256 in hexadecimal.
    """
    with ZipFile(out, "w") as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            _add(archive, file, f"{name}/{file.relative_to(folder).as_posix()}")
        # Room for the digest: the comment's length is among the bytes that it is the digest of.
        archive.comment = STAMP + b"0" * 64
    with out.open("r+b") as written:
        return _stamp(written)


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


def _bag_info(info: PackInfo, payload: list[Path]) -> str:
    """Return bag-info.txt (RFC 8493, 2.2.2); Payload-Oxum is bytes.files of the payload."""
    legible = Legible()
    fields = {
        "Source-Organization": info.organization.name,
        "External-Description": f"Evidence of customer focus, {info.period_from} to {info.period_to}",
        "External-Identifier": info.reference,
        "Bagging-Date": str(info.as_of.astimezone(ZoneInfo(info.time_zone)).date()),
        "Bag-Software-Agent": info.software,
        "Payload-Oxum": f"{sum(file.stat().st_size for file in payload)}.{len(payload)}",
    }
    return "".join(f"{label}: {legible(one_line(value))}\n" for label, value in fields.items())


def _manifest(folder: Path, files: Iterable[Path]) -> str:
    lines = sorted((file.relative_to(folder).as_posix(), digest(file)) for file in files)
    return "".join(f"{sha256}  {path}\n" for path, sha256 in lines)


def _add(archive: ZipFile, file: Path, name: str) -> None:
    entry = ZipInfo(name, NO_TIME)
    entry.create_system = 3  # Unix, wherever this runs: it says how to read the mode
    entry.external_attr = (stat.S_IFREG | 0o644) << 16
    entry.compress_type = ZIP_DEFLATED if file.suffix in TEXT else ZIP_STORED
    entry.file_size = file.stat().st_size  # lets zipfile choose ZIP64 where it is needed
    with file.open("rb") as source, archive.open(entry, "w") as target:
        shutil.copyfileobj(source, target, CHUNK)


def _stamp(written: BinaryIO) -> str:
    """Put the digest of all before it at the end of the zip; return the digest of the whole."""
    left = written.seek(-64, 2)
    written.seek(0)
    sha256 = hashlib.sha256()
    while left:
        chunk = written.read(min(left, CHUNK))
        sha256.update(chunk)
        left -= len(chunk)
    stamp = sha256.hexdigest().encode()
    sha256.update(stamp)
    written.write(stamp)
    return sha256.hexdigest()
