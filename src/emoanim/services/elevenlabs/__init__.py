"""ElevenLabs: the connection, voice clones, how an emotion is told, and one call for one text."""
