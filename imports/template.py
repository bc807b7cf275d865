"""A workbook to fill in: a register's columns as headers, and a sheet that explains them.

Under each header are the values that can be chosen.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name

from organizations import clock
from organizations.members import members
from organizations.models import Site
from organizations.scope import current_organization
from registers.parsing.targets import REFERENCE, Target
from registers.register import Register

#: Rows under a header that offer values to choose from.
_ROWS = 1000
#: People that are offered; of more the address is typed.
_MOST = 500


def workbook_of(register: Register, targets: Mapping[str, Target]) -> IO[bytes]:
    """Return a workbook whose first sheet is to be filled in.

    Headers of needed columns are bold. The second sheet says of each column what it means, whether it is needed, what a
    cell may hold, and an example; a hidden one holds what the drop-downs offer. No text in it is taken for a formula.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(register.slug[:31])
        explained, lists = book.add_worksheet(_("Explanation")[:31]), book.add_worksheet("lists")
        lists.hide()
        needed, text = book.add_format({"bold": True, "num_format": "@"}), book.add_format({"num_format": "@"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        wanted = [target for target in targets.values() if target.name != REFERENCE]
        for place, target in enumerate(wanted):
            # What is typed as text stays text: no zero in front is lost, no number becomes a date.
            stays = text if target.kind in ("text", "longtext", "id", "records") else None
            sheet.set_column(place, place, 20, stays)
            sheet.write_string(0, place, target.label, needed if target.required else text)
            _offer(sheet, lists, place, _offered(target))
        heads = (_("Column"), _("What it means"), _("Needed"), _("A cell holds"), _("Example"))
        for place, (head, width) in enumerate(zip(heads, (28, 60, 10, 60, 30), strict=True)):
            explained.write_string(0, place, head, needed)
            explained.set_column(place, place, width)
        for line, target in enumerate(wanted, start=1):
            for place, said in enumerate(_explained(target)):
                explained.write_string(line, place, said, wrapped)
        for each in (sheet, explained):
            each.freeze_panes(1, 0)
    file.seek(0)
    return file


def _offer(sheet: Any, lists: Any, place: int, offered: list[str]) -> None:
    """Let the cells of a column choose from values.

    Another one can be typed, and is asked about when it is imported.
    """
    if not offered:
        return
    lists.write_column(0, place, offered)
    letter = xl_col_to_name(place)
    # From cells: a list that stands in the rule itself has at most 255 characters.
    source = f"=lists!${letter}$1:${letter}${len(offered)}"
    sheet.data_validation(1, place, _ROWS, place, {"validate": "list", "source": source, "error_type": "information"})


def _offered(target: Target) -> list[str]:
    """Return what can be chosen in a column; nothing where anything can be typed."""
    match target.kind:
        case "choice":
            return list(target.choices.values())
        case "boolean":
            return [_("Yes"), _("No")]
        case "site":
            return list(Site.objects.order_by("code").values_list("code", flat=True))
        case "person":
            return list(members().values_list("email", flat=True)[:_MOST])
    return []


def _explained(target: Target) -> tuple[str, ...]:
    """Return a line of the sheet that explains the columns."""
    needed = _("Yes") if target.required else _("No")
    return target.label, str(target.field.help_text), needed, target.expects or _("any text"), _example(target)


def _example(target: Target) -> str:
    """Return what a cell of the column may look like."""
    if offered := _offered(target):
        return offered[0]
    prefix = getattr(target.field.related_model, "prefix", "")
    today = current_organization().day_of(clock.now())
    return {
        "date": f"{today:%Y-%m-%d}",
        "datetime": f"{today:%Y-%m-%d} 14:30",
        "integer": "3",
        "decimal": "2.5",
        "record": f"{prefix}-0001",
        "records": f"{prefix}-0001, {prefix}-0002",
        "id": "007-A",
    }.get(target.kind, "")
