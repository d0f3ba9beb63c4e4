"""Rewriting by reading: what a sentence does and is about decides what is said in an emotion.

A language pack (``en/`` beside the code) holds all that is known of a language; ``rewriting``
reads, chooses and keeps measure, ``calming`` takes colour away, ``restoring`` mends raw text.
"""
