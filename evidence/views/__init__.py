"""Pages of packs and of evidence files."""
