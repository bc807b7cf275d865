"""A sample as plain values, as a pack carries it: all that is needed to draw it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from audits.models import AuditNote, Sample
from audits.services import group_sizes

FORMAT = "customerfocus-sample/1"


def as_json(sample: Sample, until: datetime | None = None) -> dict[str, Any]:
    """Return a sample, its population and its notes as JSON data.

    :mod:`audits.sampling` says how to draw it again.

    Args:
        sample: the sample.
        until: leaves out what was noted after this moment.
    """
    notes = AuditNote.objects.filter(row__sample=sample).select_related("row", "written_by")
    if until is not None:
        notes = notes.filter(written_at__lte=until)
    return {
        "format": FORMAT,
        "reference": sample.reference,
        "purpose": sample.purpose,
        "register": sample.register,
        "query": sample.query,
        "method": sample.method,
        "stratified_by": sample.stratified_by,
        "size": sample.size,
        "seed": sample.seed,
        "seed_given": sample.seed_given,
        "as_of": sample.as_of,
        "drawn_by": str(sample.drawn_by),
        "population": {"count": sample.population, "digest": sample.digest, "rows": sample.entries},
        "strata": group_sizes(sample),
        "rows": [
            {
                "position": row.position,
                "reference": row.reference,
                "stratum": row.stratum,
                "weight": row.weight,
                "title": row.title,
                "revision": row.revision,
                "version": row.version,
            }
            for row in sample.rows.all()
        ],
        "notes": [
            {
                "reference": note.row.reference,
                "finding": note.finding,
                "text": note.text,
                "written_by": str(note.written_by),
                "written_at": note.written_at,
            }
            for note in notes
        ],
    }
