"""Samples: resampling, levels, fades, WAV bytes, and what can be measured of a speaker."""
