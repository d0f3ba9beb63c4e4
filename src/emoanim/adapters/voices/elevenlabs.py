"""Emotional speech by ElevenLabs under the policy for paid calls (paper 3.1)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import numpy as np

from emoanim.clips import Audio, Phone, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.errors import InputError, SettingsError
from emoanim.extras import require
from emoanim.language.guess import guessed
from emoanim.language.long_text import parts_of
from emoanim.language.phones import heard, within
from emoanim.registry.verbs import verb
from emoanim.services import (
    Charge,
    Policy,
    Price,
    ReplyCache,
    Usage,
    content_key,
    current_ledger,
    price_of,
)
from emoanim.services.elevenlabs.client import SERVICE, Service
from emoanim.services.elevenlabs.cloning import cloned, delete_leftovers
from emoanim.services.elevenlabs.delivery import Delivery, delivery, tagged
from emoanim.services.elevenlabs.speaking import Spoken, TimedWord, say
from emoanim.services.replies import audio_digest
from emoanim.sound.signals import fade, levelled
from emoanim.voice_versions import PromptChecking, VersionScorer, pick, scorers_of

__all__ = ["ElevenLabsVoice"]

_RATES = (8000, 16000, 22050, 24000, 44100, 48000)
_PAUSE = 0.15
# Every plan's models take these many characters at once; shorter parts sound no better.
_LONGEST = {"eleven_v3": 2500}
_LONGEST_OTHERS = 4500


class ElevenLabsVoice:
    """Speech in the speaker's own voice, or in a voice of the account.

    Args:
        voice_id: a voice of the account; None clones the reference, which needs ``consent``.
        consent: the speaker has agreed to have their voice cloned. Nobody but you can say so:
            without it no sound of theirs leaves the machine.
        model: "eleven_v3" (takes directions) or another.
        rate: Hz of the sound, as the plan allows; every plan has 24000.
        seed: passed on; the service does its best to give the same sound again.
        language: ISO 639-1 code; None lets the service find out.
        versions: how many versions to make, each paid for.
        scorer: picks one of several versions: "words" (the version that is understood best),
            "speaker" (the nearest to the reference), "emotion" (the strongest), several of them
            in order of weight ("words,speaker"), a function of (speech, prompt, reference) that
            gives a number, or its place as "module:function".
        longest: characters per call; a longer text is cut between sentences.
        price: US dollars per 1000 characters; None takes the list price.
        base_url: another server that speaks ElevenLabs' language.
        key_variable: environment variable of the key. None is ELEVENLABS_API_KEY for ElevenLabs
            and no key for a ``base_url``.
        cache: keep replies, so that the same speech is not paid for twice.
        client: an ``elevenlabs.ElevenLabs`` of your own.
        policy: tries and time.

    One instance may be used from many threads.

    Raises:
        SettingsError: an option out of its range; neither voice nor consent; no such scorer.
        ServiceKeyError: there is no key.
        MissingExtraError: a package that a scorer needs is not installed.
    """

    def __init__(
        self,
        voice_id: str | None = None,
        consent: bool = False,
        model: str = "eleven_v3",
        rate: int = 24000,
        seed: int = 0,
        language: str | None = None,
        versions: int = 1,
        scorer: VersionScorer | str | Sequence[str] = "words",
        longest: int | None = None,
        price: float | None = None,
        base_url: str | None = None,
        key_variable: str | None = None,
        cache: bool = True,
        client: Any = None,
        policy: Policy | None = None,
    ) -> None:
        if rate not in _RATES:
            raise SettingsError(
                f"rate {rate} given; expected one of {', '.join(map(str, _RATES))}."
            )
        if not 1 <= versions <= 10:
            raise SettingsError(f"versions {versions} given; expected 1 to 10.")
        if longest is not None and longest < 50:
            raise SettingsError(f"longest {longest} given; expected 50 characters or more.")
        if voice_id is None and consent is not True:
            raise SettingsError(
                "the voice 'elevenlabs' clones the speaker's voice, and their consent was not "
                "stated. If the speaker has agreed, set consent=True "
                "(--set voice.consent=true); else give a voice_id of your account."
            )
        self.voice_id = voice_id
        self.model = model
        self.rate = rate
        self.seed = seed
        self.language = language
        self.versions = versions
        self.longest = longest or _LONGEST.get(model, _LONGEST_OTHERS)
        self._scorers = scorers_of(scorer) if versions > 1 else {}
        self._service = Service(base_url, key_variable, client, policy)
        # No open server speaks this protocol: one at a local address passes calls on.
        self._price = price_of(model, None) if price is None else Price(characters=price)
        self._cache = ReplyCache(used=cache)

    def __repr__(self) -> str:
        who = repr(self.voice_id) if self.voice_id else "a clone"
        return f"ElevenLabsVoice(voice_id={who}, model={self.model!r})"

    @verb
    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Say the text in the emotion, in the reference's voice or that of ``voice_id``.

        Returns:
            Mono sound at ``rate``, -20 dBFS in its loud parts, with phones from the times that
            the service tells.

        Raises:
            InputError: nothing to say, or no reference to clone.
            ServiceError: the service failed; see its subclasses.
            MissingExtraError: the package elevenlabs is not installed.
        """
        if not any(c.isalnum() for c in text):
            raise InputError(f"the text {text!r} given; expected words that can be said.")
        if self.voice_id is None and not np.abs(reference.samples).max(initial=0.0) > 1e-4:
            raise InputError(
                f"a reference of {reference.duration:.1f} s without sound given; expected the "
                "speaker's voice to clone. Give a voice_id instead."
            )
        for scorer in self._scorers.values():  # before anything is paid
            if isinstance(scorer, PromptChecking):
                scorer.check(prompt)
        how = delivery(prompt, self.model)
        who = self.voice_id or audio_digest(reference)
        keys = [self._key(text, how, who, version) for version in range(self.versions)]
        speeches: dict[int, Speech | None] = {}
        for version, key in enumerate(keys):
            speeches[version] = _unpacked(self._cache.get(key), text, self.rate)
            if speeches[version] is not None:
                saved = Charge(SERVICE, "speak", self.model, Usage(), 0.0, "cached")
                current_ledger().add(saved)
        missing = [version for version, speech in speeches.items() if speech is None]
        if missing:
            voice = (
                nullcontext(self.voice_id) if self.voice_id else cloned(self._service, reference)
            )
            with voice as voice_id:
                for version in missing:
                    packed = _packed(self._said(text, how, str(voice_id), version))
                    self._cache.put(keys[version], packed)
                    # What is kept is what is given, so that both runs give the same samples.
                    speeches[version] = _unpacked(packed, text, self.rate)
        versions = [speech for speech in speeches.values() if speech is not None]
        if not self._scorers:
            return versions[0]
        best, scores = pick(versions, prompt, reference, self._scorers)
        return replace(versions[best], details={**versions[best].details, "scores": scores})

    def delete_leftovers(self) -> None:
        """Delete the clones that crashed runs left at this service."""
        delete_leftovers(self._service)

    def _said(self, text: str, how: Delivery, voice_id: str, version: int) -> Speech:
        parts = parts_of(text, self.longest)
        sounds = []
        words: list[TimedWord] = []
        timed = True
        at = 0
        for index, part in enumerate(parts):
            spoken = self._part(parts, index, part, how, voice_id, version)
            timed = timed and bool(spoken.words)
            words += [(w, a + at / self.rate, b + at / self.rate) for w, a, b in spoken.words]
            gap = round(_PAUSE * self.rate) if index + 1 < len(parts) else 0
            samples = np.pad(fade(spoken.samples, self.rate), (0, gap))
            sounds.append(samples)
            at += len(samples)
        audio = Audio(levelled(np.concatenate(sounds), self.rate), self.rate)
        language = self.language or guessed(text) or "en"
        return Speech(
            audio,
            text,
            within(words, audio.duration, language) if timed else heard(audio, text, language),
            language,
            {
                "voice": self.voice_id or "clone of the speaker, deleted",
                "model": self.model,
                "parts": len(parts),
                "version": version,
                **how.settings(),
            },
        )

    def _part(
        self, parts: list[str], index: int, part: str, how: Delivery, voice_id: str, version: int
    ) -> Spoken:
        settings = require("elevenlabs", "elevenlabs").VoiceSettings(**how.settings())
        fields: dict[str, Any] = {
            "text": tagged(part, how),
            "model_id": self.model,
            "voice_settings": settings,
            "seed": self.seed + version,
        }
        if self.language:
            fields["language_code"] = self.language
        if not how.tag:  # models with directions take no context
            if index:
                fields["previous_text"] = parts[index - 1]
            if index + 1 < len(parts):
                fields["next_text"] = parts[index + 1]
        return self._service.request().call(
            lambda seconds: say(self._service.client, voice_id, self.rate, fields, seconds),
            what="speak",
            model=self.model,
            most=Usage(characters=len(fields["text"])),
            price=self._price,
        )

    def _key(self, text: str, how: Delivery, who: str, version: int) -> str:
        return content_key(
            service=SERVICE,
            address=self._service.address,
            model=self.model,
            rate=self.rate,
            seed=self.seed + version,
            language=self.language,
            longest=self.longest,
            voice=who,
            text=text,
            tag=how.tag,
            settings=how.settings(),
        )


def _packed(speech: Speech) -> dict[str, Any]:
    """Return a speech as plain values, its samples in 16 bits."""
    pcm = np.round(speech.audio.samples * 32767.0).astype("<i2").tobytes()
    return {
        "pcm": base64.b64encode(pcm).decode("ascii"),
        "phones": [list(phone) for phone in speech.phones],
        "language": speech.language,
        "details": dict(speech.details),
    }


def _unpacked(reply: dict[str, Any] | None, text: str, rate: int) -> Speech | None:
    if reply is None:
        return None
    try:
        pcm = np.frombuffer(base64.b64decode(reply["pcm"]), "<i2").astype(np.float32) / 32767.0
        phones = tuple(Phone(*phone) for phone in reply["phones"])
        return Speech(Audio(pcm, rate), text, phones, reply["language"], reply["details"])
    except (KeyError, TypeError, ValueError):
        return None
