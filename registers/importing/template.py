"""An empty workbook to fill in: a register's columns as headers, with what belongs under each."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _

from registers.importing.targets import REFERENCE, Target
from registers.register import Register

#: Rows under a header that offer a choice's values.
_ROWS = 1000
#: Characters that a list of offered values may have (a limit of the file format).
_LIST_LIMIT = 255


def workbook_of(register: Register, targets: Mapping[str, Target]) -> IO[bytes]:
    """A workbook with one sheet; needed columns come bold, each header says in a comment what it takes, choices offer their values."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(register.slug[:31])
        needed, optional = book.add_format({"bold": True}), book.add_format({})
        wanted = [target for target in targets.values() if target.name != REFERENCE]
        for place, target in enumerate(wanted):
            sheet.write_string(0, place, target.label, needed if target.required else optional)
            hint = ". ".join(filter(None, (_("Needed") if target.required else "", target.expects)))
            if hint:
                sheet.write_comment(0, place, hint)
            labels = list(target.choices.values()) if target.kind == "choice" else []
            if labels and len(",".join(labels)) <= _LIST_LIMIT and not any("," in label for label in labels):
                sheet.data_validation(
                    1, place, _ROWS, place, {"validate": "list", "source": labels, "error_type": "information"}
                )
        sheet.set_column(0, len(wanted) - 1, 20)
        sheet.freeze_panes(1, 0)
    file.seek(0)
    return file
