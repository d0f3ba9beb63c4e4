"""A chat model's answer, said by an avatar while the model is still writing.

Any OpenAI-compatible server will do, such as llama.cpp on this machine::

    python avatar_chat.py ada.avatar answer.mp4 "How was your day?" --url http://127.0.0.1:8080/v1

``[happy]`` or ``[sad]`` in the answer sets the emotion from there on; the model is told so.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

from openai import OpenAI

from emoanim import provenance
from emoanim.avatar import Avatar
from emoanim.media import FragmentedVideo

SYSTEM = (
    "You talk to a friend. Answer in two or three short sentences of plain words. "
    "Begin each with what you feel, in brackets: one of {emotions}. Example: [{first}] Good day."
)


def answer(client: OpenAI, model: str, system: str, question: str) -> Iterator[str]:
    """Yield the pieces of the model's answer as they come."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": question}]
    stream = client.chat.completions.create(
        model=model, messages=messages, stream=True, max_tokens=120, temperature=0.0
    )
    for chunk in stream:
        if chunk.choices and (piece := chunk.choices[0].delta.content):
            print(piece, end="", flush=True)
            yield piece


def main(avatar: Path, output: Path, question: str, url: str, model: str = "any") -> float:
    """Write the answer into a film; return the seconds until its first frame."""
    speaker = Avatar.load(avatar)
    emotions = [prompt.text for prompt in speaker.emotions]
    system = SYSTEM.format(emotions=", ".join(emotions), first=emotions[0])
    tags = provenance.avatar_tags(model=model)
    video = FragmentedVideo(speaker.size, speaker.fps, speaker.rate, tags=tags)
    asked, first = time.perf_counter(), 0.0
    key = os.environ.get("AVATAR_CHAT_KEY", "none")
    # a file, or a socket: what is written can be played at once
    with output.open("wb") as file, OpenAI(base_url=url, api_key=key) as client:
        for frame in speaker.say(answer(client, model, system, question)):
            first = first or time.perf_counter() - asked
            file.write(video.add(frame.image, frame.samples))
        file.write(video.finish())
    print(f"\nfirst frame after {first:.2f} s")
    return first


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("avatar", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("question")
    parser.add_argument("--url", default="http://127.0.0.1:8080/v1")
    parser.add_argument("--model", default="any")
    main(**vars(parser.parse_args()))
