"""The examples with a chat model's stream, and behind Pipecat."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from model_server import smollm2
from tests.avatar.test_server import example

from emoanim import provenance
from emoanim.avatar import Avatar
from emoanim.media import Video, read_audio


@pytest.fixture(scope="module")
def model() -> Iterator[str]:
    """Address of a real model server (llama.cpp with SmolLM2)."""
    yield from smollm2()


@pytest.mark.slow
def test_a_chat_models_answer_is_said(
    model: str, avatar_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("openai")
    output = tmp_path / "answer.mp4"
    example("avatar_chat").main(avatar_file, output, "How was your day?", model)
    answer = capsys.readouterr().out
    assert len(answer.split()) > 5
    assert Video(output).duration > 1.0
    assert np.abs(read_audio(output).samples).max() > 0.1
    assert provenance.read(output).generated


def run(avatar: Avatar, frames: list[Any]) -> list[Any]:
    from pipecat.tests.utils import run_test

    processor = example("avatar_pipecat").AvatarProcessor(avatar)
    down, _ = asyncio.run(run_test(processor, frames_to_send=frames, start_timeout=30.0))
    return list(down)


def kinds(frames: list[Any]) -> list[str]:
    return [type(frame).__name__ for frame in frames]


@pytest.fixture
def pipecat() -> Any:
    """The frames of Pipecat, if it is there."""
    pytest.importorskip("pipecat.tests.utils")
    import pipecat.frames.frames as frames
    from pipecat.tests.utils import SleepFrame

    frames.SleepFrame = SleepFrame
    return frames


def test_behind_pipecat_it_speaks_as_text_comes(pipecat: Any, tiny: Avatar) -> None:
    sent = [
        pipecat.SleepFrame(0.3),
        pipecat.LLMFullResponseStartFrame(),
        *(pipecat.LLMTextFrame(piece) for piece in ("[hap", "py] one ", "two. th", "ree.")),
        pipecat.LLMFullResponseEndFrame(),
    ]
    frames = run(tiny, sent)
    names = kinds(frames)
    begin, end = names.index("TTSStartedFrame"), names.index("TTSStoppedFrame")
    assert "OutputImageRawFrame" in names[:begin]  # it idles before
    sound = [f for f in frames[begin:end] if type(f).__name__ == "TTSAudioRawFrame"]
    assert {(f.sample_rate, f.num_channels) for f in sound} == {(24000, 1)}
    samples = np.frombuffer(b"".join(f.audio for f in sound), "<i2") / 32767
    spoken = [s.audio.samples for s in tiny.speech("[happy] one two. three.")]
    assert len(samples) == pytest.approx(sum(map(len, spoken)), abs=2 * 960)
    assert np.abs(samples[: len(spoken[0])] - spoken[0]).max() < 1e-3
    pictures = [f for f in frames[begin:end] if type(f).__name__ == "OutputImageRawFrame"]
    assert all(f.size == (64, 64) and len(f.image) == 64 * 64 * 3 for f in pictures)
    assert pictures[-1].image == tiny.stills[1].image.tobytes()


def test_behind_pipecat_an_interruption_ends_it(pipecat: Any, tiny: Avatar) -> None:
    sent = [
        pipecat.TTSSpeakFrame("word " * 100),  # 30 s
        pipecat.SleepFrame(0.8),
        pipecat.InterruptionFrame(),
        pipecat.SleepFrame(0.3),
    ]
    names = kinds(run(tiny, sent))
    cut = names.index("InterruptionFrame")
    assert "TTSAudioRawFrame" in names[:cut]
    assert names[cut:].count("TTSAudioRawFrame") <= 1
    assert "OutputImageRawFrame" in names[cut:]  # and it waits alive
