from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvidenceConfig(AppConfig):
    """Evidence files, attached to records and known by their content."""

    name = "evidence"
    verbose_name = _("Evidence files")

    def ready(self) -> None:
        from evidence import file_digests  # the models it looks at are loaded only now
        from trail.sealing import verify

        verify.register_check(file_digests.Attachment._meta.db_table, file_digests.files_against_digests)
