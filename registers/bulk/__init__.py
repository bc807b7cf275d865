"""Many rows changed alike: a look at what it comes to, field by field, then one write with history."""
