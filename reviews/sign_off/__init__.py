"""Sign-off: what is shown, signed, kept and told of a period's evaluation, and what changes behind it."""
