"""What people say to each other about a record: comments, mentions of persons, and who watches it."""
