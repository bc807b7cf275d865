"""From a file to rows of a register: reading tables, parsing values, mapping headers, importing."""
