"""From a table file to rows, and from a cell to a value. A ground room: it imports nothing of the project and knows no register.

`reader.open_table` turns a CSV, XLSX, XLS or ODS file into a `Table` of rows; `values` and `dates` turn cells into values.
What can't be read raises `UnreadableFile`, what doesn't fit a column `BadValue`.
"""
