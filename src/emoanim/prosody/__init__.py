"""What can be measured of a speaker's voice: pitch, vocal-tract length."""
