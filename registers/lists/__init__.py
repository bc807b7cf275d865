"""A list of a register: from the query string to rows, their order, pages, menus and HTML."""
