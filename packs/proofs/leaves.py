"""The leaves of a pack's rows, chunk by chunk.

Any worker can look them up, since sealed versions never change.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.apps import apps
from django.db import connection
from django.db.models import Max

from packs.atomic_files import atomic_file
from packs.chunks import Chunk
from packs.proofs.contents import leaf_line
from trail.models import Leaf
from trail.sealing.leaves import source_of

#: Rows looked up at once.
BATCH = 2000
#: How a key is kept in a file.
KEY_BYTES = struct.Struct("<q")


class Unsealed(RuntimeError):
    """A row of the pack is not under the pack's head.

    It was committed while the pack was asked for.
    """


@dataclass(frozen=True)
class Versions:
    """Versions of rows: of which model, up to which moment, and under which head.

    Attributes:
        model: the label of the rows' model.
        until: the pack's moment, in ISO 8601: the last version up to it is the row's.
        size: how many leaves the head's tree has.
    """

    model: str
    until: str
    size: int

    def name(self, chunk: Chunk) -> str:
        """Return the name of a chunk's piece: a digest of all that its bytes depend on."""
        known = (asdict(self), chunk.first, chunk.count, chunk.sha256)
        return hashlib.sha256(orjson.dumps(known)).hexdigest()

    def lines(self, keys: Sequence[int]) -> Iterator[bytes]:
        """Yield the leaf of each of these rows, in their order, as `leaf_line` writes it.

        Args:
            keys: primary keys, as many as one statement takes (see `BATCH`).

        Raises:
            Unsealed: a row has no leaf under the head.
        """
        history: Any = apps.get_model(self.model).history.model  # type: ignore[attr-defined]
        source = source_of(history)
        versions = history.objects.filter(id__in=keys, history_date__lte=datetime.fromisoformat(self.until)).order_by()
        last = dict(versions.values_list("id").annotate(Max("history_id")))
        leaves = Leaf.objects.filter(source=source.table, key__in=last.values(), index__lt=self.size)
        indexes = dict(leaves.values_list("key", "index"))
        # Read past Django's conversions, as the database keeps them: these are the bytes that were hashed.
        marks = ", ".join(["%s"] * len(last))
        condition = f"source.{connection.ops.quote_name(source.key)} IN ({marks})"
        data = dict(source.rows(condition, list(last.values())))
        for key in keys:
            version = last.get(key)
            if version is None or version not in indexes:
                raise Unsealed(f"Version {version} of row {key} of {source.table} isn't under the pack's head.")
            yield leaf_line(indexes[version], data[version])


def write_leaves(versions: Versions, keys: Path, chunk: Chunk, to: Path) -> None:
    """Write the leaves of a chunk's rows, unless they are there already.

    They are line by line as the chunk's records are.

    Args:
        versions: what the rows are.
        keys: the file of their register's keys.
        chunk: which of them.
        to: the piece.

    Raises:
        Unsealed: a row has no leaf under the pack's head.
    """
    if to.exists():
        return
    with keys.open("rb") as file:
        file.seek(chunk.first * KEY_BYTES.size)
        wanted = [key for (key,) in KEY_BYTES.iter_unpack(file.read(chunk.count * KEY_BYTES.size))]
    with atomic_file(to) as out:
        for start in range(0, len(wanted), BATCH):
            out.writelines(versions.lines(wanted[start : start + BATCH]))
