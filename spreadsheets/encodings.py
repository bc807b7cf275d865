"""The encoding of a text file, judged by the whole file and never by its name."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from charset_normalizer import from_bytes
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from spreadsheets.errors import UnreadableFile
from spreadsheets.table import MIB

#: Encodings a file may be in or be said to be in, with the names people know them by.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp1257": "Windows-1257",
    "iso8859-1": "ISO 8859-1",
    "iso8859-2": "ISO 8859-2",
    "iso8859-15": "ISO 8859-15",
    "cp437": "DOS 437",
    "cp850": "DOS 850",
    "mac-roman": "Mac Roman",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "cp932": "Shift JIS",
    "euc_kr": "EUC-KR",
}

_NATIONAL = [
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1257",
    "cp850",
    "mac_roman",
    "gb18030",
    "big5",
    "cp932",
    "euc_kr",
]
# UTF-32 goes first: its little-endian mark begins with that of UTF-16.
_BOMS = [
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
_SAMPLE = 64 * 1024

# Letters that western European languages use often, and the signs that stand between words. Letters shared with
# misread Czech, Polish, Hungarian or Turkish text (š ž ý þ ð õ û) are left to charset-normalizer.
_WESTERN = set(
    "ÄÖÜäöüßÀÂÇÉÈÊËÎÏÔÙŒàâçéèêëîïôùœÁÍÑÓÚáíñóúÅÆØåæøÃãÌìÒò“”„‘’‚–—…€§°²³µ«»©®™·•½¼¾±×\u00a0\u00ad¡¿¹ªº£¥¢†‰‹›´¨"
)
# Signs, and capitals beyond ASCII, that stand after a small letter: no text has them, a misread one does.
_MISREAD = re.compile(r"[a-zà-ÿ](?:[“„‚…€§°²³µ«»©®™•½¼¾±×¡¿¹ªº£¥¢†‰‹›¨][a-zà-ÿ]|[À-ÖØ-ÞŒ])")
_WESTERN_ENCODINGS = ("cp1252", "mac-roman", "cp850")
_TURKISH = set("þýðÞÝÐ")
_NOT_TURKISH = set("æáíúéóÆÁÍÚÉÓ")


class Charset(NamedTuple):
    """An encoding, how many characters of the file it could not read, and lines that seem to be in another one.

    Of these `other` is the encoding, `others` the numbers, from 1.
    """

    encoding: str
    undecodable: int = 0
    other: str = ""
    others: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """The name people know the encoding by."""
        return ENCODINGS.get(self.encoding, self.encoding)

    @property
    def codec(self) -> str:
        """The codec to open the file with; it passes over a byte order mark."""
        return "utf-8-sig" if self.encoding == "utf-8" else self.encoding


def find_charset(path: Path, encoding: str | None = None) -> Charset:
    """Find the encoding of the text file at `path`, or check the one asked for.

    Order: byte order mark, UTF-16 without one, strict UTF-8, UTF-8 with a few damaged characters, Windows-1252
    where the text looks western, charset-normalizer, Windows-1252. Of western encodings that a file mixes, the one counts
    that makes fewer lines wrong. Raises UnreadableFile for an unknown `encoding`.
    """
    if encoding:
        return _counted(path, known_encoding(encoding))
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), None) or _unmarked_utf16(head)
    if marked:
        return _counted(path, marked)
    utf8, valid = _counted(path, "utf-8"), _beyond_ascii(path)
    # Other encodings hardly ever look like UTF-8, so many sound characters outweigh a few damaged ones.
    if not utf8.undecodable or valid >= 10 * utf8.undecodable:
        return utf8
    return _of_mixed(path, _counted(path, _national(path)))


def known_encoding(name: str) -> str:
    """Return the encoding of ENCODINGS that `name` stands for; raises UnreadableFile."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = ""
    found = {"utf-8-sig": "utf-8", "mac_roman": "mac-roman", "latin-1": "iso8859-1"}.get(found, found)
    if found not in ENCODINGS:
        known = ", ".join(ENCODINGS)
        raise UnreadableFile(
            format_lazy(_("The encoding “{name}” is not known. Choose one of {known}."), name=name, known=known)
        )
    return found


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(MIB):
            yield chunk


def _counted(path: Path, encoding: str) -> Charset:
    charset = Charset(encoding)
    decoder = codecs.getincrementaldecoder(charset.codec)("strict")
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return Charset(encoding, max(1, _replaced(path, charset.codec)))
    return charset


def _replaced(path: Path, codec: str) -> int:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    return sum(decoder.decode(chunk).count("\ufffd") for chunk in _chunks(path)) + decoder.decode(
        b"", final=True
    ).count("\ufffd")


def _beyond_ascii(path: Path) -> int:
    """Count the characters beyond ASCII that are sound UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    return sum(len(text) - len(text.encode("ascii", "ignore")) for text in map(decoder.decode, _chunks(path)))


def _unmarked_utf16(head: bytes) -> str | None:
    pairs = len(head) // 2
    if pairs < 2:
        return None
    # Most signs of a table are ASCII, of which UTF-16 makes every second byte zero.
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.4 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * pairs and odd < 0.05 * pairs else None


def _national(path: Path) -> str:
    sample = _telling(path)
    for encoding in _WESTERN_ENCODINGS:
        if _is_western(sample, encoding):
            return encoding
    best = from_bytes(sample, cp_isolation=_NATIONAL).best()
    if best is None or "cp1252" in best.could_be_from_charset:
        return _western_or_turkish(sample)
    found = best.encoding.replace("mac_roman", "mac-roman")
    return found if found in ENCODINGS else "cp1252"


def _of_mixed(path: Path, charset: Charset) -> Charset:
    """Return the western encoding of most lines of a file, with the lines that only another one makes sense of."""
    if charset.encoding not in _WESTERN_ENCODINGS:
        return charset
    sense: dict[str, list[int]] = {encoding: [] for encoding in _WESTERN_ENCODINGS}
    beyond = set()
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(_SAMPLE), b""), 1):
            if not line.isascii():
                beyond.add(number)
                for encoding in _WESTERN_ENCODINGS:
                    if _is_western(line, encoding):
                        sense[encoding].append(number)
    best = max(_WESTERN_ENCODINGS, key=lambda encoding: (len(sense[encoding]), encoding == charset.encoding))
    left = beyond - set(sense[best])
    other = max(_WESTERN_ENCODINGS, key=lambda encoding: len(left & set(sense[encoding])))
    # Where no two of them make sense of all lines, the file is in something else, or damaged.
    if not left or not sense[best] or left - set(sense[other]):
        return charset
    return _counted(path, best)._replace(other=other, others=tuple(sorted(left)))


def _telling(path: Path) -> bytes:
    """Return lines with bytes beyond ASCII, up to 64 KiB: by them an encoding can be judged."""
    lines: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        # Read in portions, since a file may have no line ends at all.
        while size < _SAMPLE and (line := file.readline(_SAMPLE)):
            if not line.isascii():
                lines.append(line)
                size += len(line)
    return b"".join(lines)


def _is_western(sample: bytes, encoding: str) -> bool:
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    return {sign for sign in text if ord(sign) > 127} <= _WESTERN and not _MISREAD.search(text)


def _western_or_turkish(sample: bytes) -> str:
    letters = set(sample.decode("cp1252", "replace"))
    return "cp1254" if letters & _TURKISH and not letters & _NOT_TURKISH else "cp1252"
