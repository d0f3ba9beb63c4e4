"""Both of OpenAI's ways to ask for a text: Responses, and the chat that other servers speak."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from emoanim.errors import ServiceReplyError
from emoanim.services import Reply, Usage

__all__ = ["Answer", "Asked", "ask_chat", "ask_responses"]

Turn = tuple[str, str]
"""Who speaks ("user" or "assistant") and what."""


class Answer(NamedTuple):
    """What a model answered: its text, or what it said when it declined ("" if it did not)."""

    text: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model is asked, whichever way.

    Attributes:
        model: its name.
        system: the system prompt.
        turns: the conversation so far.
        longest: most tokens of the answer.
        temperature: None leaves it to the server.
        seed: None leaves it to the server; Responses knows none.
    """

    model: str
    system: str
    turns: Sequence[Turn]
    longest: int
    temperature: float | None
    seed: int | None


def ask_responses(client: Any, asked: Asked, seconds: float) -> Reply[Answer]:
    """Ask through the Responses API; the service is told not to store it."""
    options: dict[str, Any] = {}
    if asked.temperature is not None:
        options["temperature"] = asked.temperature
    answer = client.responses.create(
        model=asked.model,
        instructions=asked.system,
        input=[{"role": role, "content": text} for role, text in asked.turns],
        max_output_tokens=asked.longest,
        store=False,
        timeout=seconds,
        **options,
    )
    return _read(lambda: _from_responses(answer))


def ask_chat(client: Any, asked: Asked, seconds: float) -> Reply[Answer]:
    """Ask through chat completions, the way of Ollama, vLLM, llama.cpp and Gemini's endpoint."""
    options: dict[str, Any] = {}
    if asked.temperature is not None:
        options["temperature"] = asked.temperature
    if asked.seed is not None:
        options["seed"] = asked.seed
    turns = [("system", asked.system), *asked.turns]
    answer = client.chat.completions.create(
        model=asked.model,
        messages=[{"role": role, "content": text} for role, text in turns],
        max_tokens=asked.longest,
        timeout=seconds,
        **options,
    )
    return _read(lambda: _from_chat(answer))


def _from_responses(answer: Any) -> Reply[Answer]:
    usage = answer.usage and Usage(answer.usage.input_tokens, answer.usage.output_tokens)
    for item in answer.output:
        for content in getattr(item, "content", None) or ():
            if content.type == "refusal":
                return Reply(Answer("", str(content.refusal)), usage)
    reason = getattr(answer.incomplete_details, "reason", "")
    if reason == "content_filter":
        return Reply(Answer("", "content filter"), usage)
    return Reply(Answer(str(answer.output_text)), usage)


def _from_chat(answer: Any) -> Reply[Answer]:
    usage = answer.usage and Usage(answer.usage.prompt_tokens, answer.usage.completion_tokens)
    choice = answer.choices[0]
    if choice.finish_reason == "content_filter":
        return Reply(Answer("", "content filter"), usage)
    refusal = str(getattr(choice.message, "refusal", None) or "")
    return Reply(Answer(str(choice.message.content or ""), refusal), usage)


def _read(reading: Callable[[], Reply[Answer]]) -> Reply[Answer]:
    """Read an answer; one of another shape is a damaged one."""
    try:
        return reading()
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ServiceReplyError(
            f"the answer of the model's server has another shape than expected ({error}).",
            retryable=True,
            hint="Check the address, and option api: chat for compatible servers.",
        ) from None
