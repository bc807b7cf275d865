"""The talk about records: comments, mentions of people, and who watches a record."""
