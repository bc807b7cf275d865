"""Sentences for the person who chose a file: what was found in it and decided about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from spreadsheets.encodings import ENCODINGS
from spreadsheets.errors import Text
from spreadsheets.headers import listed
from spreadsheets.layout import Layout, Survey
from spreadsheets.non_data_rows import FORMULAS, GROUP, HEADER, HIDDEN, NOTE, TOTAL, Odd
from spreadsheets.table import Sheet, column_letters
from spreadsheets.text_files import TextFile, delimiter_name
from spreadsheets.two_line_headers import Header
from spreadsheets.workbooks import OpenSheet, Workbook

_MOST = 5


def notes_on_text(text: TextFile, header: Header) -> Iterator[Text]:
    """Yield notes on encoding, separator, place of the header, and unreadable characters."""
    yield format_lazy(
        _("{encoding} text, {separator}, header in row {row}."),
        encoding=text.charset.label,
        separator=delimiter_name(text.dialect.delimiter),
        row=header.first + 1,
    )
    yield from _on_two_lines(header)
    if not text.dialect.quoted:
        yield _("Quotation marks are read as ordinary characters, since they don't enclose cells in this file.")
    if count := text.charset.undecodable:
        yield _count(
            ngettext_lazy(
                "{count} character is not sound {encoding} and shows as �.",
                "{count} characters are not sound {encoding} and show as �.",
                count,
            ),
            count,
            encoding=text.charset.label,
        )
    if lines := text.charset.others:
        yield _count(
            ngettext_lazy(
                "Line {lines} is in another encoding, {other} by the look of it, and has wrong letters: mend it in the file.",
                "{count} lines are in another encoding, {other} by the look of it, and have wrong letters: {lines}. Mend them in the file.",
                len(lines),
            ),
            len(lines),
            lines=listed(lines),
            other=ENCODINGS[text.charset.other],
        )


def notes_on_sheet(book: Workbook, chosen: OpenSheet, header: Header) -> Iterator[Text]:
    """Yield notes on format, sheet, sheets passed over and merged areas."""
    yield format_lazy(
        _("{format} workbook, sheet “{sheet}”, header in row {row}."),
        format=book.format.upper(),
        sheet=chosen.about.name,
        row=header.first + 1,
    )
    yield from _on_two_lines(header)
    for sheet in book.sheets:
        if sheet is not chosen:
            yield _passed_over(sheet.about)
    if book.unreadable:
        unread = _("Sheets that hold no table, or are damaged, were passed over: {sheets}.")
        yield format_lazy(unread, sheets=listed([f"“{name}”" for name in book.unreadable]))
    if chosen.merged:
        yield _count(
            ngettext_lazy(
                "{count} area of merged cells: its value counts in every row that it covers, in its first column.",
                "{count} areas of merged cells: the value of each counts in every row that it covers, in its first column.",
                chosen.merged,
            ),
            chosen.merged,
        )
    if book.format != "xlsx":
        yield _(
            "This workbook format doesn't tell formulas that failed, which look blank, hidden rows, or number formats: 80 % is "
            "read as 0.8, and 00123 as 123. Save it as XLSX if it has any."
        )


def notes_on_survey(found: Survey, layout: Layout) -> Iterator[Text]:
    """Yield notes on failed cells, rows above the header, hidden rows, no rows, and rows with too few or too many cells."""
    if found.failed:
        yield _count(
            ngettext_lazy(
                "{count} cell shows an error or a formula that was never calculated.",
                "{count} cells show an error or a formula that was never calculated.",
                found.failed,
            ),
            found.failed,
        )
    if found.above:
        yield _count(
            ngettext_lazy(
                "{count} title row above the header was passed over.",
                "{count} title rows above the header were passed over.",
                found.above,
            ),
            found.above,
        )
    if found.hidden and not layout.ground.leave_hidden:
        yield _count(
            ngettext_lazy(
                "{count} row is hidden in the sheet, by a filter or by hand: {rows}. It is read like the others.",
                "{count} rows are hidden in the sheet, by a filter or by hand: {rows}. They are read like the others.",
                len(found.hidden),
            ),
            len(found.hidden),
            rows=listed(found.hidden),
        )
    if not found.rows:
        yield _("There is no row below the header.")
    if found.short:
        yield _count(
            ngettext_lazy(
                "{count} row has fewer cells than the header (row {row}); the missing ones are read as blank.",
                "{count} rows have fewer cells than the header (first row {row}); the missing ones are read as blank.",
                len(found.short),
            ),
            len(found.short),
            row=found.short[0],
        )
    yield from _on_signs(found)
    yield from _on_extra_cells(found, layout)


def _on_signs(found: Survey) -> Iterator[Text]:
    """Yield notes on rows whose signs aren't as texts have them."""
    if found.torn:
        yield _count(
            ngettext_lazy(
                "In row {rows} something follows a closing quotation mark: look at that row, the mark may belong to the text.",
                "In {count} rows something follows a closing quotation mark ({rows}): look at them, the marks may belong to the text.",
                len(found.torn),
            ),
            len(found.torn),
            rows=listed(found.torn),
        )
    if found.controls:
        yield _count(
            ngettext_lazy(
                "Row {rows} holds control characters: vertical tabs are read as line breaks, others, such as NUL, show as �.",
                "{count} rows hold control characters ({rows}): vertical tabs are read as line breaks, others, such as NUL, show as �.",
                len(found.controls),
            ),
            len(found.controls),
            rows=listed(found.controls),
        )


def notes_on_odd_rows(odd: Mapping[int, Odd]) -> Iterator[Text]:
    """Yield notes on rows that are none of the table's."""
    by_kind: dict[str, list[int]] = {}
    for number in sorted(odd):
        by_kind.setdefault(odd[number].kind, []).append(number)
    for kind, numbers in by_kind.items():
        text = odd[numbers[0]].text
        yield _count(_ODD[kind], len(numbers), rows=listed(numbers), text=text[:_SHOWN])


_SHOWN = 60
_ODD: dict[str, Text] = {
    GROUP: ngettext_lazy(
        "Row {rows} names a group (“{text}”): it is no row of its own, its name stands in each row below it.",
        "Rows {rows} name groups (the first “{text}”): they are no rows of their own, their names stand in each row below them.",
        "count",
    ),
    TOTAL: ngettext_lazy(
        "Row {rows} is a total (“{text}”) and was passed over.",
        "Rows {rows} are totals (the first “{text}”) and were passed over.",
        "count",
    ),
    HEADER: ngettext_lazy(
        "Row {rows} repeats the header and was passed over.",
        "Rows {rows} repeat the header and were passed over.",
        "count",
    ),
    FORMULAS: ngettext_lazy(
        "Row {rows} holds nothing but formulas and was passed over.",
        "{count} rows hold nothing but formulas and were passed over: {rows}.",
        "count",
    ),
    HIDDEN: ngettext_lazy(
        "Row {rows} is hidden in the sheet and was left out.",
        "{count} rows are hidden in the sheet and were left out: {rows}.",
        "count",
    ),
    NOTE: ngettext_lazy(
        "Row {rows} stands below the table (“{text}”) and was passed over.",
        "Rows {rows} stand below the table (the first “{text}”) and were passed over.",
        "count",
    ),
}


def _on_two_lines(header: Header) -> Iterator[Text]:
    if header.last > header.first:
        yield format_lazy(
            _("The header takes two lines, rows {first} and {last}."), first=header.first + 1, last=header.last + 1
        )


def _on_extra_cells(found: Survey, layout: Layout) -> Iterator[Text]:
    columns = sorted(column for column in found.examples if column >= layout.span)
    for column in columns[:_MOST]:
        numbers, count = found.examples[column], found.reach[column]
        rows = ", ".join(map(str, numbers)) + (", …" if count > len(numbers) else "")
        if layout.ground.gridded:
            beside = _("Beside the table, in column {letters}, stands something in row {rows}.")
            yield format_lazy(beside, letters=column_letters(column), rows=rows)
            continue
        sentence = ngettext_lazy(
            "Row {rows} has {cells} cells where the header has {headers}.",
            "Rows {rows} have {cells} cells where the header has {headers}.",
            count,
        )
        yield _count(sentence, count, rows=rows, cells=column + 1, headers=layout.span)
    if rest := sum(found.reach[column] for column in columns[_MOST:]):
        sentence = ngettext_lazy(
            "{count} more row has cells beyond the header.", "{count} more rows have cells beyond the header.", rest
        )
        yield _count(sentence, rest)


def _passed_over(sheet: Sheet) -> Text:
    if not sheet.rows:
        return format_lazy(_("The empty sheet “{sheet}” was passed over."), sheet=sheet.name)
    if sheet.hidden:
        sentence = ngettext_lazy(
            "The hidden sheet “{sheet}” ({count} row) was passed over.",
            "The hidden sheet “{sheet}” ({count} rows) was passed over.",
            sheet.rows,
        )
    else:
        sentence = ngettext_lazy(
            "The sheet “{sheet}” ({count} row) was passed over.",
            "The sheet “{sheet}” ({count} rows) was passed over.",
            sheet.rows,
        )
    return _count(sentence, sheet.rows, sheet=sheet.name)


def _count(sentence: Text, count: int, **values: object) -> Text:
    return format_lazy(sentence, count=count, **values)
