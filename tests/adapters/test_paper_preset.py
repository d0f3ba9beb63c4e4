"""The preset "paper" as it stands: Whisper, GPT-4, ElevenLabs, EAT, SadTalker, video to video.

Both services are servers on this machine; the networks' files are written from the manifests with
pseudo-random weights, and go through the same code as the official ones.
"""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest
from golden_cases.checkpoint_files import write_eat, write_safetensors, write_torch

from emoanim import EDAPipeline, provenance, registry
from emoanim.clips import Animation, Audio
from emoanim.emotions import EmotionPrompt
from emoanim.faces import FaceFinder
from emoanim.media import Video, write_video

torch = pytest.importorskip("torch")

SADTALKER = ("net_recon", "audio2exp", "audio2pose", "kp_extractor", "generator")


@pytest.fixture
def folder(golden, tmp_path):
    """The files of both networks, laid out like the official ones."""
    made = tmp_path / "weights"
    made.mkdir()
    manifests = [golden / "sadtalker" / f"manifest_{name}.json" for name in SADTALKER]
    write_safetensors(manifests, made / "SadTalker_V0.0.2_256.safetensors")
    mapping = golden / "sadtalker" / "manifest_mapping_00109.json"
    write_torch([mapping], made / "mapping_00109-model.pth.tar")
    return write_eat(golden, made)


@pytest.fixture
def clip(portrait, tmp_path):
    """The portrait, saying something."""
    for about in (registry.info("voice", "hibari"), registry.info("transcriber", "whisper")):
        if about.missing():
            pytest.skip(f"{about.name} is not installed")
    silence = Audio(np.zeros(0, np.float32), 16000)
    voice = registry.backend("voice", "hibari")
    speech = voice.speak("We meet the team on Monday.", EmotionPrompt.parse("calm"), silence)
    count = round(speech.audio.duration * 10)
    frames = (np.roll(portrait, i % 3, axis=1)[::2, ::2] for i in range(count))
    path = tmp_path / "said.mp4"
    write_video(path, Animation(10.0, (256, 256), count, frames), speech.audio, tags={})
    return path


def sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.slow
def test_the_paper_preset_from_video_to_video(services, folder, clip, tmp_path, monkeypatch):
    for module in ("openai", "elevenlabs"):
        pytest.importorskip(module)
    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    monkeypatch.setenv("ELEVENLABS_API_KEY", "another key")
    monkeypatch.setenv("EMOANIM_ACCEPT_LICENCES", "CC-BY-NC-4.0")
    monkeypatch.setenv("EMOANIM_WEIGHTS_EAT", str(folder))
    services.seconds_per_character = 0.0025  # a tenth of a second in all
    hashes = {
        "sha256": sha256(folder / "SadTalker_V0.0.2_256.safetensors"),
        "mapping_sha256": sha256(folder / "mapping_00109-model.pth.tar"),
    }
    pipeline = EDAPipeline.from_preset(
        "paper",
        text_emoter={"options": {"base_url": f"{services.address}/v1"}},
        voice={"options": {"base_url": services.address, "consent": True}},
        face_emoter={"options": {"device": "cpu"}},
        animator={"options": {"weights": str(folder), "device": "cpu", **hashes}},
        stills=1,
        seed=3,
    )
    assert {role: name for role, (name, _) in pipeline.backends.items()} == {
        "transcriber": "whisper",
        "text_emoter": "gpt4",
        "voice": "elevenlabs",
        "face_emoter": "eat",
        "animator": "sadtalker",
    }
    # A still by pseudo-random weights shows no face; where it is is told from the clip.
    face = FaceFinder().largest_face(next(iter(Video(clip).frames())).image)
    animator = pipeline.face.animator
    animator._finder = SimpleNamespace(largest_face=lambda image, size: face)
    result = pipeline(clip, "very happy", output=tmp_path / "out.mp4")
    assert result.text.startswith("I'm so happy!")
    assert [seen.kind for seen in services.seen] == ["rewrite", "clone", "speak", "delete"]
    (still,) = result.portraits
    assert still.emoter == "eat"
    assert still.image.shape == still.original.shape == (256, 256, 3)
    assert (still.image != still.original).any()
    made = Video(result.output)
    frames = [f.image for f in made.frames()]
    assert 2 <= len(frames) <= 4
    assert made.size == (256, 256)
    assert abs(made.duration - result.speech.audio.duration) <= 1 / 25 + 1e-6
    assert frames[0].std() > 10
    said = provenance.read(result.output)
    assert said.generated
    assert "face_emoter=eat, animator=sadtalker" in said.details["backends"]
