"""What the evidence app keeps of rows under their references: files, samples, and what auditors asked for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from evidence.models import Attachment, EvidenceRequest, SampledRow
from registers.usage import Usage, usages

usages += [
    Usage(Attachment.objects.all, "subject", word=_("an evidence file")),
    Usage(SampledRow.objects.all, "reference", "sample__reference"),
    Usage(EvidenceRequest.objects.all, "subject", "reference"),
]
