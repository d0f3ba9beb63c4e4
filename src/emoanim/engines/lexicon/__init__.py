"""Rewriting English from lists of patterns, without a model or a network."""
