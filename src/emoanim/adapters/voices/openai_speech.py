"""Any server that speaks OpenAI's ``audio.speech``: OpenAI itself, or an open voice beside ours."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from emoanim.clips import Audio, Speech
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import InputError, ServiceReplyError, SettingsError
from emoanim.language.guess import guessed
from emoanim.language.long_text import parts_of
from emoanim.language.phones import heard
from emoanim.registry.verbs import verb
from emoanim.services import (
    Charge,
    OpenAIServer,
    Policy,
    Price,
    Reply,
    ReplyCache,
    Usage,
    content_key,
    current_ledger,
    price_of,
)
from emoanim.services.replies import audio_digest
from emoanim.sound.signals import fade, levelled, resample
from emoanim.sound.wav import decoded_wav, encoded_wav

__all__ = ["OpenAISpeechVoice"]

_SERVICE = "openai-speech"
_RATE = 24000
_LONGEST = 4000
_PAUSE = 0.15
_LONGEST_REFERENCE = 30.0

_MANNERS = {
    Emotion.ANGER: "angry: pressed, loud, with hard stresses",
    Emotion.CONTEMPT: "contemptuous: slow, low, dismissive, with falling ends",
    Emotion.DISGUST: "disgusted: slow, low and creaky, recoiling",
    Emotion.FEAR: "afraid: fast, high and breathy, trembling",
    Emotion.HAPPY: "happy: bright, lively, smiling",
    Emotion.NEUTRAL: "calm and neutral, even and matter-of-fact",
    Emotion.SAD: "sad: slow, low and soft, with falling ends",
    Emotion.SURPRISE: "surprised: high, wide in pitch, with sudden rises",
}
_DEGREES = ((0.45, "slightly "), (0.67, ""), (0.8, "very "))


class OpenAISpeechVoice:
    """Speech from a server with the endpoint ``/audio/speech``.

    Args:
        base_url: of the server; None is OpenAI (or ``OPENAI_BASE_URL``).
        model: as the server names it.
        voice: as the server names it.
        reference_field: name of the request's field in which the server takes the speaker's voice
            (WAV as base64), so that it clones it; "" sends no reference. Needs ``consent``.
        intensity_field: name of a field that takes the emotion's strength as a number from 0 to 1
            (an "exaggeration", say); "" sends none.
        consent: the speaker has agreed to have their voice cloned.
        response_format: "pcm" (16 bits at 24 kHz, no header) or "wav".
        language: ISO 639-1 code of the text; None finds out.
        longest: characters per call; a longer text is cut between sentences.
        price: US dollars per 1000 characters; None takes the list price.
        key_variable: environment variable of the key. None is OPENAI_API_KEY for OpenAI and no
            key for a ``base_url``.
        cache: keep replies, so that the same speech is not asked for twice.
        client: an ``openai.OpenAI`` of your own.
        policy: tries and time.

    One instance may be used from many threads.

    Raises:
        SettingsError: an option out of its range; a reference is to be sent without consent.
        ServiceKeyError: OpenAI is to be asked and there is no key.
    """

    def __init__(
        self,
        base_url: str | None = None,
        model: str = "gpt-4o-mini-tts",
        voice: str = "alloy",
        reference_field: str = "",
        intensity_field: str = "",
        consent: bool = False,
        response_format: str = "wav",
        language: str | None = None,
        longest: int = _LONGEST,
        price: float | None = None,
        key_variable: str | None = None,
        cache: bool = True,
        client: Any = None,
        policy: Policy | None = None,
    ) -> None:
        if response_format not in ("pcm", "wav"):
            raise SettingsError(f"response_format {response_format!r} given; expected pcm or wav.")
        if longest < 50:
            raise SettingsError(f"longest {longest} given; expected 50 characters or more.")
        if reference_field and consent is not True:
            raise SettingsError(
                "a reference_field given, so that the server clones the speaker's voice, and their "
                "consent was not stated. If the speaker has agreed, set consent=True "
                "(--set voice.consent=true)."
            )
        self._server = OpenAIServer(_SERVICE, base_url, key_variable, client, policy)
        address = self._server.address
        self.model = model
        self.voice = voice
        self.reference_field = reference_field
        self.intensity_field = intensity_field
        self.response_format = response_format
        self.language = language
        self.longest = longest
        self._price = price_of(model, address) if price is None else Price(characters=price)
        self._cache = ReplyCache(used=cache)

    def __repr__(self) -> str:
        return f"OpenAISpeechVoice(base_url={self._server.shown_address!r}, model={self.model!r})"

    @verb
    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Say the text in the emotion.

        Returns:
            Mono sound at 24 kHz, -20 dBFS in its loud parts; phones by alignment where
            pocketsphinx is installed, else spread over the sound.

        Raises:
            InputError: the text holds nothing that can be said.
            ServiceError: the server failed; see its subclasses.
            MissingExtraError: the package openai is not installed.
        """
        if not any(c.isalnum() for c in text):
            raise InputError(f"the text {text!r} given; expected words that can be said.")
        parts = parts_of(text, self.longest)
        extra = self._extra(prompt, reference)
        sounds = []
        for index, part in enumerate(parts):
            pcm = self._part(part, prompt, extra, reference)
            gap = round(_PAUSE * _RATE) if index + 1 < len(parts) else 0
            samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
            sounds.append(np.pad(fade(samples, _RATE), (0, gap)))
        audio = Audio(levelled(np.concatenate(sounds), _RATE), _RATE)
        language = self.language or guessed(text) or "en"
        details = {"voice": self.voice, "model": self.model, "parts": len(parts)}
        return Speech(audio, text, heard(audio, text, language), language, details)

    def _extra(self, prompt: EmotionPrompt, reference: Audio) -> dict[str, Any]:
        """Return the fields that only some servers know."""
        extra: dict[str, Any] = {}
        if self.intensity_field:
            extra[self.intensity_field] = round(prompt.intensity, 3)
        if self.reference_field:
            extra[self.reference_field] = base64.b64encode(
                encoded_wav(reference, _LONGEST_REFERENCE)
            ).decode("ascii")
        return extra

    def _part(
        self, part: str, prompt: EmotionPrompt, extra: dict[str, Any], reference: Audio
    ) -> bytes:
        """Return 16-bit samples at 24 kHz of one part, from the cache or the server."""
        instructions = _instructions(prompt)
        key = content_key(
            service=_SERVICE,
            address=self._server.address,
            model=self.model,
            voice=self.voice,
            format=self.response_format,
            text=part,
            instructions=instructions,
            fields={k: v for k, v in extra.items() if k != self.reference_field},
            reference=audio_digest(reference) if self.reference_field else "",
        )
        cached = self._cache.get(key)
        if cached is not None and isinstance(cached.get("pcm"), str):
            saved = Charge(_SERVICE, "speak", self.model, Usage(), 0.0, "cached")
            current_ledger().add(saved)
            return base64.b64decode(cached["pcm"])
        client = self._server.client

        def attempt(seconds: float) -> Reply[bytes]:
            answer = client.audio.speech.create(
                model=self.model,
                voice=self.voice,
                input=part,
                instructions=instructions,
                response_format=self.response_format,
                extra_body=extra or None,
                timeout=seconds,
            )
            return Reply(_pcm(answer.content, self.response_format, part))

        pcm = self._server.request().call(
            attempt,
            what="speak",
            model=self.model,
            most=Usage(characters=len(part)),
            price=self._price,
        )
        self._cache.put(key, {"pcm": base64.b64encode(pcm).decode("ascii")})
        return pcm


def _instructions(prompt: EmotionPrompt) -> str:
    manners = []
    for part in prompt.parts:
        degree = next((d for top, d in _DEGREES if part.intensity < top), "extremely ")
        manners.append(f"{degree}{_MANNERS[part.emotion]}")
    return f"Speak {', and at the same time '.join(manners)}."


def _pcm(content: bytes, kind: str, text: str) -> bytes:
    """Return 16-bit samples at 24 kHz of what a server sent.

    Raises:
        ServiceReplyError: it is no sound of that kind, or too short for its text.
    """
    audio = decoded_wav(content) if kind == "wav" else _read_pcm(content, _RATE)
    # Nobody says 60 characters in a second.
    if audio is None or audio.duration < len(text) / 60.0:
        seconds = f"{audio.duration:.2f} s" if audio else f"{len(content)} bytes that are no {kind}"
        raise ServiceReplyError(
            f"the sound that the server sent is cut off or damaged: {seconds} for {len(text)} "
            "characters.",
            retryable=True,
            hint="Try again; check response_format.",
        )
    samples = resample(audio, _RATE).samples
    return np.round(np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()


def _read_pcm(content: bytes, rate: int) -> Audio | None:
    if len(content) % 2:
        return None
    return Audio(np.frombuffer(content, "<i2").astype(np.float32) / 32768.0, rate)
