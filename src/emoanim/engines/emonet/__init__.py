"""EmoNet (EmoFAN): expression, valence, arousal and landmarks of a face."""
