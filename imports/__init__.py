"""From the rows of a table file to rows of a register."""
