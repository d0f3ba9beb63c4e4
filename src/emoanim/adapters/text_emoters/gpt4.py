"""Rewriting with GPT-4 under the policy for paid calls, with guards on what comes back."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from emoanim.clips import Rewrite, Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.engines.lexicon.proposals import (
    Original,
    Proposal,
    joined,
    original,
    vetted,
)
from emoanim.errors import NoSpeechError, RefusalError, RewriteError, SettingsError
from emoanim.language.rewrite_checks import Bounds, Fault, find_fault, plain
from emoanim.language.rewrite_prompt import SYSTEM_PROMPT, input_text, repair_text
from emoanim.registry.verbs import verb
from emoanim.services import (
    Charge,
    OpenAIServer,
    Policy,
    Price,
    ReplyCache,
    Request,
    Usage,
    content_key,
    current_ledger,
    price_of,
)
from emoanim.services.openai_text import Asked, Turn, ask_chat, ask_responses

__all__ = ["GPT4TextEmoter"]

_WORDS_PER_SECOND = 2.7
_NAMED = 4
"""Faults that the model is told of at once."""
_log = logging.getLogger(__name__)


class GPT4TextEmoter:
    """Rewrite a transcript with a language model (paper 3.1: GPT-4 on I = [T, P]).

    Args:
        model: as the server names it.
        base_url: of an OpenAI-compatible server; None is OpenAI (or ``OPENAI_BASE_URL``).
        api: "responses", "chat", or "auto": Responses for OpenAI, chat for other servers.
        temperature: 0 to 2; None leaves it to the server (some models take none).
        seed: passed on where the server takes one (chat). The Responses API takes none: there it
            only tells kept replies apart, and one other than 0 is warned of.
        system_prompt: replaces ours.
        fit: ask for a text that is spoken in no more than the clip's length.
        shortest: least words per word of the transcript.
        longest: most words per word of the transcript.
        proposals: how often the model may be asked while a sentence doesn't pass, 1 to 5.
        check: hold each sentence to what was said; off, the model's text stands if it can be read
            out.
        thinking: tokens of room beside the text, for a model that thinks before it answers.
        price: US dollars per million tokens read and written; None takes the list price.
        key_variable: environment variable of the key. None is OPENAI_API_KEY for OpenAI and no
            key for a ``base_url``: your OpenAI key never goes to another server by itself.
        cache: keep replies, so that the same rewrite is not asked for twice.
        client: an ``openai.OpenAI`` of your own; its address and key count then.
        policy: tries and time.

    One instance may be used from many threads.

    Raises:
        SettingsError: an option out of its range.
        ServiceKeyError: OpenAI is to be asked and there is no key.
    """

    def __init__(
        self,
        model: str = "gpt-4o",
        base_url: str | None = None,
        api: str = "auto",
        temperature: float | None = 0.7,
        seed: int = 0,
        system_prompt: str | None = None,
        fit: bool = False,
        shortest: float = 0.5,
        longest: float = 1.5,
        proposals: int = 2,
        check: bool = True,
        thinking: int = 256,
        price: Sequence[float] | None = None,
        key_variable: str | None = None,
        cache: bool = True,
        client: Any = None,
        policy: Policy | None = None,
    ) -> None:
        if api not in ("auto", "responses", "chat"):
            raise SettingsError(f"api {api!r} given; expected auto, responses or chat.")
        if temperature is not None and not 0.0 <= temperature <= 2.0:
            raise SettingsError(f"temperature {temperature} given; expected 0 to 2, or None.")
        if not 0.0 <= shortest < 1.0 < longest:
            raise SettingsError(
                f"shortest {shortest} and longest {longest} given; expected 0 <= shortest < 1 < "
                "longest."
            )
        if not 1 <= proposals <= 5:
            raise SettingsError(f"proposals {proposals} given; expected 1 to 5.")
        if thinking < 0:
            raise SettingsError(f"thinking {thinking} given; expected 0 tokens or more.")
        if price is not None and len(price) != 2:
            raise SettingsError(f"price {price!r} given; expected two numbers, read and written.")
        self._server = OpenAIServer("openai", base_url, key_variable, client, policy)
        self.model = model
        self.api = api
        if api == "auto":
            self.api = "responses" if self._server.official else "chat"
        self.temperature = temperature
        self.seed = seed
        self.system_prompt = system_prompt or SYSTEM_PROMPT
        self.fit = fit
        self.bounds = Bounds(shortest, longest)
        self.proposals = proposals
        self.check = check
        self.thinking = thinking
        self._price = Price(*price) if price else price_of(model, self._server.address)
        self._cache = ReplyCache(used=cache)
        if self.api == "responses" and seed:
            _log.warning(
                "seed %d is not passed on: the Responses API takes none, so the model may give "
                "another text each time. What it gave is kept and used again for this seed.",
                seed,
            )

    def __repr__(self) -> str:
        return f"GPT4TextEmoter(model={self.model!r}, base_url={self._server.shown_address!r})"

    @verb
    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return the words of the transcript in the emotion; see ``rewrite_with_record``."""
        return self.rewrite_with_record(transcript, prompt).text

    @verb
    def rewrite_with_record(self, transcript: Transcript, prompt: EmotionPrompt) -> Rewrite:
        """Return the words in the emotion, and which sentences are the model's.

        The model proposes: a sentence of it stands if numbers, names, denials, questions, persons
        and length survive, else the lexicon's does (of another language, the one that was said).

        Raises:
            NoSpeechError: the transcript holds no words.
            RefusalError: the model declined.
            RewriteError: its text cannot be read out, nor could that of a second attempt.
            ServiceError: the service failed; see its subclasses.
            MissingExtraError: the package openai is not installed.
        """
        if not any(c.isalnum() for c in transcript.text):
            raise NoSpeechError(
                f"a transcript without words given ({transcript.text!r}); expected at least one "
                "word to say in the emotion. Check that the clip has speech."
            )
        bounds = self.bounds
        words = None
        if self.fit and transcript.duration > 0:
            bounds = Bounds(bounds.shortest, bounds.longest, transcript.duration * 1.15)
            words = max(1, math.floor(transcript.duration * _WORDS_PER_SECOND))
        question = input_text(transcript, prompt, words)
        key = content_key(
            service="openai",
            address=self._server.address,
            api=self.api,
            model=self.model,
            temperature=self.temperature,
            seed=self.seed,
            system=self.system_prompt,
            thinking=self.thinking,
            proposals=self.proposals,
            input=question,
            intensity=prompt.intensity,
            bounds=[bounds.shortest, bounds.longest, bounds.seconds],
        )
        cached = self._cache.get(key)
        if cached is not None and isinstance(cached.get("texts"), list):
            saved = Charge("openai", "rewrite", self.model, Usage(), 0.0, "cached")
            current_ledger().add(saved)
            texts = [str(text) for text in cached["texts"]]
        else:
            texts = self._asked(question, transcript, prompt, bounds)
            self._cache.put(key, {"texts": texts})
        if not self.check:
            return Rewrite(texts[-1], (), {"proposals": len(texts)})
        source = self._original(transcript, prompt)
        text, by, why = joined([vetted(t, source) for t in texts], source)
        details = {"proposals": len(texts), "sentences": by, "rejected": why}
        return Rewrite(text, _notes(by, why), details)

    def _original(self, transcript: Transcript, prompt: EmotionPrompt) -> Original:
        return original(
            transcript.text, transcript.language, str(prompt.emotion), prompt.intensity, self.seed
        )

    def _asked(
        self, question: str, transcript: Transcript, prompt: EmotionPrompt, bounds: Bounds
    ) -> list[str]:
        """Return texts that can be read out; ask again for what doesn't pass.

        A text that cannot be read out is repaired once; one whose sentences lose or add something
        is answered with what is wrong, as long as there are proposals left.
        """
        source = self._original(transcript, prompt)
        request = self._server.request()
        turns: list[Turn] = [("user", question)]
        texts: list[str] = []
        fault: Fault | None = None
        for _ in range(max(2, self.proposals)):
            text, fault = self._turn(request, turns, transcript, bounds)
            what = fault.what if fault is not None else ""
            if fault is None:
                texts.append(text)
                what = _wrong([vetted(t, source) for t in texts]) if self.check else ""
            if not what or not request.tries_left or len(texts) >= self.proposals:
                break
            turns += [("assistant", text or "(nothing)"), ("user", repair_text(what))]
        if texts:
            return texts
        assert fault is not None
        kind = RefusalError if fault.refusal else RewriteError
        raise kind(
            f"the model {self.model!r} gave no text that can be read out: {fault.what}.",
            retryable=not fault.refusal,
            hint="Try again, take another model, or --text-emoter lexicon.",
        )

    def _turn(
        self, request: Request, turns: Sequence[Turn], transcript: Transcript, bounds: Bounds
    ) -> tuple[str, Fault | None]:
        # A token is a byte at least, so these bound what a call can cost.
        longest = math.ceil(len(transcript.text.encode()) * bounds.longest) + self.thinking
        prompt_size = sum(len(text.encode()) + 16 for _, text in [("", self.system_prompt), *turns])
        asked = Asked(
            self.model, self.system_prompt, tuple(turns), longest, self.temperature, self.seed
        )
        ask = ask_responses if self.api == "responses" else ask_chat
        client = self._server.client
        answer = request.call(
            lambda seconds: ask(client, asked, seconds),
            what="rewrite",
            model=self.model,
            most=Usage(tokens_in=prompt_size, tokens_out=longest),
            price=self._price,
        )
        if answer.refusal:
            raise RefusalError(
                "the model declined to rewrite the transcript "
                f"({answer.refusal[:120].rstrip('.')}).",
                hint="Change the text or the prompt, or take --text-emoter lexicon.",
            )
        text, whole = plain(answer.text), answer.text.strip()
        return text, find_fault(whole if "\n" in whole else text, transcript, bounds)


def _wrong(rounds: Sequence[Sequence[Proposal]]) -> str:
    """Say what is wrong with the sentences for which no proposal can stand; "" if none."""
    last = rounds[-1]
    open_ = [i for i in range(len(last)) if all(each[i].fault for each in rounds)]
    said = [f"{last[i].text or 'a sentence'!r}: {last[i].fault}" for i in open_[:_NAMED]]
    return f"in {len(open_)} of {len(last)} sentences, {'; '.join(said)}" if said else ""


def _notes(by: Sequence[str], why: Sequence[str]) -> tuple[str, ...]:
    own = [i for i, each in enumerate(by) if each != "model"]
    if not own:
        return ()
    first = next((why[i] for i in own if why[i]), "")
    of = "the lexicon's" if by[own[0]] == "lexicon" else "as they were said"
    note = (
        f"{len(own)} of {len(by)} sentences are {of}: the model's did not keep what was said "
        f"({first})."
    )
    return (note,)
