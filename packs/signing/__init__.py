"""Signatures and time stamps of packs, and the certificate they are made with."""
