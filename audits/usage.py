"""The records that samples and requests for evidence use: those they are about."""

from __future__ import annotations

from audits.models import EvidenceRequest, SampledRow
from registers.usage import Usage, usages

usages += [
    Usage(SampledRow.objects.all, "reference", "sample__reference"),
    Usage(EvidenceRequest.objects.all, "subject", "reference"),
]
