"""One true rewrite by a real model behind a real OpenAI-compatible server (llama.cpp)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from model_server import smollm2

from emoanim.adapters.text_emoters.gpt4 import GPT4TextEmoter
from emoanim.clips import Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.services import accounting

# A model of 135 million parameters needs to be shown what is wanted.
SYSTEM = (
    "You say the sentence again, with joy. "
    "Example: 'I am home.' becomes 'I am so happy that I am home!'"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of a server with SmolLM2."""
    yield from smollm2()


@pytest.mark.slow
def test_a_true_rewrite(address: str) -> None:
    emoter = GPT4TextEmoter(
        model="smollm2", base_url=address, temperature=0.0, system_prompt=SYSTEM,
        shortest=0.2, longest=6.0, thinking=0, cache=False,
    )  # fmt: skip
    said = Transcript("I am home today.", "en", (), 1.5)
    with accounting(budget=0.0) as ledger:  # on this machine it costs nothing
        text = emoter.rewrite(said, EmotionPrompt.parse("very happy"))
    assert "home" in text.lower()
    assert text != said.text
    assert 1 <= ledger.calls <= 2
    assert ledger.usage.tokens_in > 60
    assert ledger.usage.tokens_out > 3
    assert ledger.usd == 0.0
