"""Tree heads as signed notes.

Other people's programs and witnesses for transparency logs can read them. The format is that of C2SP's
``tlog-checkpoint`` in a ``signed-note``: the log's origin, the tree's size, its root, lines of our own for what else
a seal says (so that the signature covers all of it), an empty line, and a line for each signature::

    quality.example/o/acme
    1042
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    number 17
    time 2026-06-30T08:15:00.000000Z
    previous 1040 M9g5Y2x…
    purpose sign-off

    — quality.example/o/acme 2pmR…

A signature is Ed25519 over everything before the empty line. Its text begins with the key's id: the first four bytes of
SHA-256 over the name, a line feed, the byte 1 and the public key.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trail.sealing.canonical import as_json

#: A note never has more bytes; what is longer isn't looked at.
LONGEST = 10_000
_MARK = "— "
#: A head's seven lines, an empty one, and its signatures.
_NOTE = re.compile(r"^(?:\S+)\n\d+\n\S+\nnumber .+\ntime .+\nprevious .+\npurpose .+\n\n(?:— .+\n)+", re.MULTILINE)


class BadNote(ValueError):
    """A note isn't a head of ours, or no known key has signed it. Says which, for a person."""


@dataclass(frozen=True, slots=True)
class Head:
    """The statement of a seal: a tree, the tree before it, when and what for."""

    #: Address of the organization without its scheme: the log's name.
    origin: str
    size: int
    root: bytes
    number: int
    time: datetime
    previous_size: int
    previous_root: bytes
    #: One word; see `trail.models.Seal.Purpose`.
    purpose: str

    @property
    def text(self) -> str:
        """The lines that are signed."""
        return "".join(
            f"{line}\n"
            for line in (
                self.origin,
                self.size,
                _base64(self.root),
                f"number {self.number}",
                f"time {as_json(self.time)}",
                f"previous {self.previous_size} {_base64(self.previous_root)}",
                f"purpose {self.purpose}",
            )
        )


def key_id(name: str, key: Ed25519PublicKey) -> bytes:
    """Return the four bytes by which a signature says whose it is (C2SP ``signed-note``)."""
    return sha256(name.encode() + b"\n\x01" + key.public_bytes_raw()).digest()[:4]


def verifier(name: str, key: Ed25519PublicKey) -> str:
    """Write a public key for programs that read signed notes: name, id and key.

    Source: C2SP ``signed-note``, "Verifier keys".
    """
    return f"{name}+{key_id(name, key).hex()}+{_base64(bytes([1]) + key.public_bytes_raw())}"


def sign(head: Head, key: Ed25519PrivateKey) -> str:
    """Write the head as a note, signed under the origin's name.

    Raises:
        BadNote: the head wouldn't be read back as it is.
    """
    text = head.text
    if _read(text) != head:
        raise BadNote("The head has no form as a note.")
    signature = key_id(head.origin, key.public_key()) + key.sign(text.encode())
    return f"{text}\n{_MARK}{head.origin} {_base64(signature)}\n"


def parse(note: str) -> Head:
    """Read a note without believing it.

    Raises:
        BadNote: it is no head of ours, or has no signature.
    """
    return _parse(note)[0]


def verify(note: str, keys: Iterable[Ed25519PublicKey]) -> Head:
    """Read a note that one of the keys has signed.

    Signatures of others, of witnesses say, are passed over.

    Raises:
        BadNote: it is no head of ours, or none of the keys has signed it.
    """
    head, signatures = _parse(note)
    for key in keys:
        for name, known_by, signature in signatures:
            if name == head.origin and known_by == key_id(name, key):
                try:
                    key.verify(signature, head.text.encode())
                except InvalidSignature as error:
                    raise BadNote("The note's signature doesn't fit its text: one of them was changed.") from error
                return head
    raise BadNote("The note is signed by no key that is known here.")


def found_in(text: str) -> str:
    """Return the note in a text that carries it: a mail, a page that was printed and typed in.

    Lines may end as mail programs end them, and be indented. Where there is no note the text itself is returned.
    """
    lines = "\n".join(line.strip() for line in text.splitlines())
    found = _NOTE.search(f"{lines}\n")
    return found[0] if found else text


def _parse(note: str) -> tuple[Head, list[tuple[str, bytes, bytes]]]:
    if len(note) > LONGEST:
        raise BadNote("The text is too long for a note.")
    text, parted, rest = note.partition("\n\n")
    if not parted or not rest.endswith("\n"):
        raise BadNote("This isn't a signed note: there is no empty line, or nothing signed behind it.")
    return _read(f"{text}\n"), [_signature(line) for line in rest.removesuffix("\n").split("\n")]


def _read(text: str) -> Head:
    lines = text.removesuffix("\n").split("\n")
    if len(lines) != 7:
        raise BadNote(f"A head has seven lines; this one has {len(lines)}.")
    origin, size, root, number, time, previous, purpose = lines
    previous_size, _, previous_root = _worded(previous, "previous").partition(" ")
    head = Head(
        origin=origin,
        size=_number(size),
        root=_bytes(root),
        number=_number(_worded(number, "number")),
        time=_moment(_worded(time, "time")),
        previous_size=_number(previous_size),
        previous_root=_bytes(previous_root),
        purpose=_worded(purpose, "purpose"),
    )
    if not origin or any(character.isspace() or character == "+" for character in origin):
        raise BadNote(f"“{origin}” can't be a log's name.")
    if len(head.root) != 32 or len(head.previous_root) != 32 or head.text != text:
        raise BadNote("The lines aren't written as a head's are.")
    return head


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(_MARK).partition(" ")
    if not line.startswith(_MARK) or not name:
        raise BadNote(f"“{line[:40]}” is no line of a signature.")
    signature = _bytes(encoded)
    return name, signature[:4], signature[4:]


def _worded(line: str, word: str) -> str:
    found, _, rest = line.partition(" ")
    if found != word:
        raise BadNote(f"Where the line “{word}” belongs stands “{line[:40]}”.")
    return rest


def _number(text: str) -> int:
    # Nineteen digits are more than any size has; converting a text of thousands of them would be slow or refused.
    if not (text.isascii() and text.isdigit()) or str(int(text[:19])) != text:
        raise BadNote(f"“{text[:40]}” is no whole number.")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadNote(f"“{text[:40]}” is no moment in UTC.") from error
    return moment


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        data = b64decode(text.encode(), validate=True)
    except (Base64Error, ValueError) as error:
        raise BadNote(f"“{text[:40]}” isn't Base64.") from error
    if _base64(data) != text:  # its last letter may carry bits that nothing reads
        raise BadNote(f"“{text[:40]}” isn't Base64 as it is written.")
    return data
