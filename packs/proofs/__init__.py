"""Proofs that every row of a pack was in the sealed trail."""
