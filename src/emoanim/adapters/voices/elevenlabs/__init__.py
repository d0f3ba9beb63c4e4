"""The paper's voice: ElevenLabs, with a clone of the speaker or a voice of the account."""

from emoanim.adapters.voices.elevenlabs.voice import ElevenLabsVoice

__all__ = ["ElevenLabsVoice"]
