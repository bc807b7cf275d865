"""The demonstration's auditor at work: a sample, some rows of it seen, and two requests.

One of the requests is answered.
"""

from __future__ import annotations

from datetime import timedelta

from audits.models import AuditNote, EvidenceRequest, Reply, Sample
from audits.services import add_note, answer, ask_for_evidence, draw_sample
from customerfocus.demonstration.factory import Workshop
from registers.register import registry

Finding = AuditNote.Finding
#: What was found of the first rows of the sample.
NOTES = (
    (Finding.CONFORMITY, "Reviewed before commitment, understood by production, last check met."),
    (Finding.CONFORMITY, "Check record seen; the measured value is the one in the record."),
    (Finding.OBSERVATION, "The acceptance criterion names no method of measurement."),
    (Finding.NONCONFORMITY, "Changed after the acknowledgements; nobody confirmed the version in force."),
    (Finding.CONFORMITY, "Legal source looked at within the interval."),
)


def audit(shop: Workshop) -> None:
    """Have the auditor draw a sample, note and ask, and the quality manager answer."""
    people, register = shop.people, registry["requirements"]
    sample = draw_sample(
        Sample(
            purpose="Are requirements reviewed, understood and met?",
            method=Sample.Method.STRATIFIED,
            stratified_by="kind",
            size=min(12, register.model.objects.current().count()),
            seed="surveillance-audit-1",
        ),
        register=register,
        query="",
        by=people.auditor,
    )
    rows = list(sample.rows.all())
    for row, (finding, text) in zip(rows, NOTES, strict=False):
        add_note(AuditNote(row=row, finding=finding, text=text), by=people.auditor)
    questions = ("Show who told production of the change.", "Show the calibration record of the gauge that was used.")
    requests = [
        ask_for_evidence(
            EvidenceRequest(subject=row.reference, text=text, needed_by=shop.today + timedelta(days=7)),
            by=people.auditor,
        )
        for row, text in zip(rows[-2:], questions, strict=True)
    ]
    words = "The change was told in the shift meeting; the list of those present is with the shift leader."
    answer(requests[0], Reply(text=words), by=people.quality)
