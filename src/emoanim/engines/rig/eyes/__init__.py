"""Lids, lashes, eyeballs and glasses."""
