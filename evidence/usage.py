"""The records that evidence files use: those they are attached to."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from evidence.models import Attachment
from registers.usage import Usage, usages

usages.append(Usage(Attachment.objects.all, "subject", word=_("an evidence file")))
