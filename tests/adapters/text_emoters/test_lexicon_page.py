"""The examples in docs/lexicon.md are what the code gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.clips import Transcript
from emoanim.emotions import EmotionPrompt

PAGE = (Path(__file__).parents[3] / "docs" / "lexicon.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"^> (.+)\n\n\| intensity ([\d.]+), seed (\d+) \|.*\n.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE
)


@pytest.mark.parametrize(
    ("text", "intensity", "seed", "rows"), EXAMPLES, ids=[e[0][:20] for e in EXAMPLES]
)
def test_examples(text, intensity, seed, rows):
    for row in rows.splitlines():
        emotion, expected = (cell.strip() for cell in row.strip("|").split(" | ", 1))
        prompt = EmotionPrompt(emotion, float(intensity))
        assert LexiconTextEmoter(int(seed)).rewrite(Transcript(text), prompt) == expected.rstrip()


def test_prompts():
    said = re.search(r'One sentence by intensity \(seed 1\), "(.*)":', PAGE)
    rows = re.findall(r"^\| ([a-z ]*angry) \| ([\d.]+) \| ([A-Z].*) \|$", PAGE, re.MULTILINE)
    assert said
    assert len(rows) == 4
    for words, intensity, expected in rows:
        prompt = EmotionPrompt.parse(words)
        assert prompt.intensity == float(intensity)
        assert LexiconTextEmoter(1).rewrite(Transcript(said.group(1)), prompt) == expected


def test_neutral():
    rows = PAGE.split("| before | neutral |\n|---|---|\n")[1].split("\n\n")[0].splitlines()
    assert len(rows) == 5
    for row in rows:
        before, expected = (cell.strip() for cell in row.strip("|").split(" | "))
        prompt = EmotionPrompt.parse("neutral")
        assert LexiconTextEmoter().rewrite(Transcript(before), prompt) == expected
