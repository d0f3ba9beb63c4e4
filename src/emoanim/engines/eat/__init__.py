"""EAT: a face, speech and an emotion to an emotional still or talking head; official weights."""
