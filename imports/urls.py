"""The addresses of every register's imports.

They are included before the registers' own, whose ``<reference>/`` would swallow them.
"""

from __future__ import annotations

from django.urls import path

from imports.views import files, job, undo, upload
from registers.urls import pages_of_registers

urlpatterns = [
    path("import/", files.ImportFiles.as_view(), name="import-files"),
    *pages_of_registers(
        {
            "import": ("import/", upload.UploadFile),
            "import-template": ("import/template.xlsx", upload.ImportTemplate),
            "import-job": ("import/<int:job>/", job.ImportPage),
            "import-refused": ("import/<int:job>/refused.xlsx", upload.RefusedFile),
            "import-undo": ("import/<int:job>/undo/", undo.UndoImport),
            "import-mapping": ("import/<int:job>/mapping.json", upload.MappingFile),
        }
    ),
]
