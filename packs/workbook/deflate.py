"""Compressed pieces that were made apart and become one file.

So many workers can write one workbook. A piece is raw deflate (RFC 1951) that ends at a byte's edge without ending the
stream, so pieces written after one another and closed by :data:`END` are one stream. The checksum a zip wants of the
whole is worked out from those of the pieces, without unpacking any.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from packs.atomic_files import atomic_file

LEVEL = 3  # a quarter of the time of zlib's usual 6 for a sixth more bytes (measured on sheets of registers)
END = b"\x03\x00"  # an empty last block
TAIL = struct.Struct("<QL")  # what a piece's file ends with: bytes before compressing, and their CRC-32
CHUNK = 1 << 20
ONE, X = 1 << 31, 1 << 30  # the polynomials 1 and x, as CRC-32 writes them: the highest bit is x⁰
POLYNOMIAL = 0xEDB88320


@dataclass(frozen=True)
class Piece:
    """A compressed piece of a file.

    Attributes:
        size: bytes before compressing.
        crc: their CRC-32.
        packed: bytes after compressing.
        source: the compressed bytes, or the file that begins with them.
    """

    size: int
    crc: int
    packed: int
    source: Path | bytes

    def blocks(self) -> Iterator[bytes]:
        """Yield the compressed bytes, in parts that fit in memory."""
        if isinstance(self.source, bytes):
            yield self.source
            return
        left = self.packed
        with self.source.open("rb") as file:
            while left and (block := file.read(min(left, CHUNK))):
                left -= len(block)
                yield block


def piece(data: bytes) -> Piece:
    """Compress a few bytes."""
    packing = _compressor()
    packed = packing.compress(data) + packing.flush(zlib.Z_SYNC_FLUSH)
    return Piece(len(data), zlib.crc32(data), len(packed), packed)


def write_piece(to: Path, blocks: Iterable[bytes]) -> None:
    """Compress blocks into a file."""
    packing, size, crc = _compressor(), 0, 0
    with atomic_file(to) as file:
        for block in blocks:
            size, crc = size + len(block), zlib.crc32(block, crc)
            file.write(packing.compress(block))
        file.write(packing.flush(zlib.Z_SYNC_FLUSH) + TAIL.pack(size, crc))


def read_piece(path: Path) -> Piece:
    """Return a piece that `write_piece` wrote."""
    with path.open("rb") as file:
        packed = file.seek(-TAIL.size, os.SEEK_END)
        size, crc = TAIL.unpack(file.read())
    return Piece(size, crc, packed, path)


def joined_crc(first: int, second: int, length: int) -> int:
    """Return the CRC-32 of two texts after one another, from that of each.

    `length` is the second one's, in bytes. Appending n bytes multiplies the first checksum by x⁸ⁿ modulo the polynomial
    (as zlib's ``crc32_combine``).
    """
    return _product(_power(8 * length), first) ^ second


def _power(exponent: int) -> int:
    """Return x to a power, modulo the polynomial."""
    result, bit = ONE, 0
    while exponent:
        if exponent & 1:
            result = _product(_square(bit), result)
        exponent, bit = exponent >> 1, bit + 1
    return result


@cache
def _square(bit: int) -> int:
    """Return x to the power of 2^bit, modulo the polynomial."""
    return X if bit == 0 else _product(_square(bit - 1), _square(bit - 1))


def _product(one: int, other: int) -> int:
    """Return the product of two polynomials, modulo the polynomial."""
    result, bit = 0, ONE
    while bit:
        if one & bit:
            result ^= other
        other = (other >> 1) ^ (POLYNOMIAL if other & 1 else 0)
        bit >>= 1
    return result


def _compressor() -> zlib._Compress:
    return zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
