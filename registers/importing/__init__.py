"""From a file to rows of a register.

`reading.open_table` turns a file into a `Table` of rows, `values` and `dates` turn cells into values; none of them
knows a register or the database. What can't be read raises `UnreadableFile`, what doesn't fit a column `BadValue`.
"""
