"""Frames to emotional portraits."""
