"""Records that a risk or an opportunity arises from are used by it."""

from __future__ import annotations

from registers.usage import Usage, usages
from risks.models import Opportunity, Risk

usages += [Usage(model.objects.current, "origin", "reference") for model in (Risk, Opportunity)]
