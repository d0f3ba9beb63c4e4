"""Frames to probabilities of the emotions."""
