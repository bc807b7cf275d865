"""Comments use the record they are about."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from comments.models import Comment
from registers.usage import Usage, usages

usages.append(Usage(lambda: Comment.objects.all(), "subject", word=_("a comment")))
