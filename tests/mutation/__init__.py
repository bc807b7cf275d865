"""Mutation testing of the business rules: docs/mutation-testing.md."""
