"""The offline text emoter: every sentence is read, then said from there in the emotion.

Numbers, names, quotes and negations stay; little is added. ``neutral`` takes colour away instead.
"""

from __future__ import annotations

import logging
from pathlib import Path

from emoanim.clips import Rewrite, Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.lexicon.blending import Ingredient, blended
from emoanim.engines.lexicon.calming import calm
from emoanim.engines.lexicon.packs import LanguagePack, load_pack, pack_for
from emoanim.engines.lexicon.restoring import restored
from emoanim.engines.lexicon.rewriting import Rewriting, rewriting
from emoanim.engines.lexicon.sentences import tidy
from emoanim.errors import NoSpeechError, SettingsError
from emoanim.language.guess import primary_subtag
from emoanim.registry.verbs import options_repr, verb

__all__ = ["LexiconTextEmoter"]

_PACE = 2.7
"""Words in a second where the transcript has no times."""
_log = logging.getLogger(__name__)


class LexiconTextEmoter:
    """Rewrite deterministically, without a model or a network.

    English is known fully; another language needs a pack and passes through unchanged, with a
    notice, where there is none.

    Args:
        seed: chooses among what fits; the same seed and text give the same words.
        max_growth: most words of the result per word of the text on the whole, from 1 to 1.5;
            a single sentence may grow to 1.5 times its words, a short text by up to four words.
        fit: add no more than can be said in the clip's own length, at the speaker's own pace.
        pack: folder of a language pack (docs/language-packs.md) for transcripts in its language.

    Raises:
        SettingsError: a seed below 0, a growth out of its range, or a pack that cannot be read.
    """

    keeps_language = True

    def __init__(
        self,
        seed: int = 0,
        max_growth: float = 1.4,
        fit: bool = False,
        pack: str | Path | None = None,
    ) -> None:
        if seed < 0:
            raise SettingsError(f"seed {seed} given; expected 0 or more.")
        if not 1.0 <= max_growth <= 1.5:
            raise SettingsError(f"max_growth {max_growth} given; expected a number from 1 to 1.5.")
        self.seed = seed
        self.max_growth = max_growth
        self.fit = fit
        self._pack = load_pack(str(pack)) if pack is not None else None

    __repr__ = options_repr

    @verb
    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return the words of the transcript in the emotion, for a voice to read out.

        Raises:
            NoSpeechError: the transcript holds no words.
        """
        rewrite = self.rewrite_with_record(transcript, prompt)
        for note in rewrite.notes:
            _log.warning("%s", note)
        return rewrite.text

    @verb
    def rewrite_with_record(self, transcript: Transcript, prompt: EmotionPrompt) -> Rewrite:
        """Return the words together with what was done to them; errors as ``rewrite``."""
        pack = self._language(transcript.language)
        if pack is None or any(
            part.emotion is not Emotion.NEUTRAL and str(part.emotion) not in pack.books
            for part in prompt.parts
        ):
            _said(transcript)
            notice = _notice(transcript.language, prompt, pack)
            return Rewrite(transcript.text, (notice,), {"passed_through": True})
        rewrite = self.read(transcript, prompt)
        changes = [
            {"sentence": c.sentence, "kind": c.kind, "what": c.what} for c in rewrite.changes
        ]
        return Rewrite(rewrite.text, (), {"language_pack": pack.name, "changes": changes})

    def read(self, transcript: Transcript, prompt: EmotionPrompt) -> Rewriting:
        """Return the text, what was done to it and how each sentence was read (English or pack).

        Raises:
            NoSpeechError: the transcript holds no words.
            SettingsError: there is no pack for its language.
        """
        pack = self._language(transcript.language)
        if pack is None:
            raise SettingsError(_notice(transcript.language, prompt, pack))
        _said(transcript)
        moved = any(part.intensity > 0.0 for part in prompt.parts)
        text = restored(tidy(transcript.text), pack, transcript.words, breaths=moved)
        if prompt.emotion is Emotion.NEUTRAL and not prompt.others:
            return Rewriting(calm(text, prompt.intensity, pack))
        growth = self.max_growth
        if self.fit and transcript.duration > 0:
            growth = min(growth, max(1.0, _room(transcript)))
        if prompt.others:
            parts = [
                Ingredient(
                    None if part.emotion is Emotion.NEUTRAL else str(part.emotion),
                    part.intensity,
                    share,
                )
                for part, share in zip(prompt.parts, prompt.shares, strict=True)
            ]
            return blended(text, pack, parts, growth, self.seed)
        return rewriting(text, pack, str(prompt.emotion), prompt.intensity, growth, self.seed)

    def _language(self, language: str) -> LanguagePack | None:
        code = primary_subtag(language)
        if self._pack is not None and code in (self._pack.language, ""):
            return self._pack
        return pack_for(language)


def _said(transcript: Transcript) -> None:
    if not any(c.isalnum() for c in transcript.text):
        raise NoSpeechError(
            f"a transcript without words given ({transcript.text!r}); expected at least one "
            "word to say in the emotion. Check that the clip has speech."
        )


def _notice(language: str, prompt: EmotionPrompt, pack: LanguagePack | None) -> str:
    what = f"the language {language!r}" if pack is None else f"{prompt.emotion} in {pack.name}"
    return (
        f"the text emoter 'lexicon' has no words for {what}: the text stays as it is, and voice "
        "and face alone carry the emotion. Choose --text-emoter gpt4, or give a language pack "
        "(docs/language-packs.md)."
    )


def _room(transcript: Transcript) -> float:
    """Return how many words fit into the clip's length per word that is said in it."""
    words = len(transcript.text.split())
    spoken = sum(w.end - w.start for w in transcript.words)
    pace = len(transcript.words) / spoken if spoken > 0 else _PACE
    return transcript.duration * pace / words
