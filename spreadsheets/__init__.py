"""From a table file to rows, and from a cell to a value.

A ground room: it imports nothing of the project and knows no register. :func:`spreadsheets.reader.open_table` turns a
text (CSV), XLSX, XLSB, XLS or ODS file into a :class:`spreadsheets.table.Table` of rows; :mod:`spreadsheets.values` and
:mod:`spreadsheets.dates` turn cells into values. What can't be read raises `UnreadableFile`, what doesn't fit a column
`BadValue`.
"""
