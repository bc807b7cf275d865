"""Names as they stand in an organization's tables, and whom they mean: learned once, used by every later import."""
