"""SadTalker: a still face and speech to a talking head, on the official weights."""
