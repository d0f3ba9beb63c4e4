"""How the face moves over time: speech, accents, blinks, gaze and the head."""
