"""What the evidence app keeps of rows under their references: files, samples, and what auditors asked for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from evidence.models import Attachment, EvidenceRequest, SampledRow
from registers.uses import Use, by_reference

by_reference += [
    Use(Attachment.objects.all, "subject", word=_("an evidence file")),
    Use(SampledRow.objects.all, "reference", "sample__reference"),
    Use(EvidenceRequest.objects.all, "subject", "reference"),
]
