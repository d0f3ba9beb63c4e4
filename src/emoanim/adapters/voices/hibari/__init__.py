"""The offline voice ``hibari``."""

from emoanim.adapters.voices.hibari.voice import HibariVoice

__all__ = ["HibariVoice"]
