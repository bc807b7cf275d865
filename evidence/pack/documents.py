"""Documents of a pack besides its registers: frozen samples. Each is one JSON file, and proved like a row."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.bench.models import Sample
from evidence.bench.plain import plain
from evidence.models import EvidencePack
from evidence.pack.contents import Document
from trail.canonical import canonical_bytes
from trail.canonical import plain as plain_values


def documents_of(pack: EvidencePack) -> Iterator[Document]:
    """The documents that a request asks for, as of the moment in which it is called."""
    for sample in Sample.objects.filter(reference__in=pack.samples).order_by("pk"):
        content = canonical_bytes(plain_values(plain(sample, pack.as_of)))
        yield Document("samples", sample.reference, content, Sample._meta.label, sample.pk)
