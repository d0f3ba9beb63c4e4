"""The offline voice: hibari's network, prosody by emotion, and the speech sounds with times."""
