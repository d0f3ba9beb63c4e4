"""EAT as an animator: with small stand-ins for its networks, and once with the networks."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import frozen_graphs as graphs
import numpy as np
import pytest

from emoanim import registry, testing
from emoanim.clips import Audio, Frame, Portrait, Speech
from emoanim.demo import demo_portrait
from emoanim.emotions import EmotionPrompt
from emoanim.errors import FaceError, InputError, SettingsError, WeightsError
from emoanim.faces import canonical_mesh
from emoanim.protocols import Animator

pytest.importorskip("torch")

import torch

from emoanim.adapters.animators import eat as animator
from emoanim.adapters.animators.eat import EatAnimator
from emoanim.engines.eat import clip_points, still
from emoanim.engines.eat.head_motion import head_motion, there_and_back
from emoanim.engines.keypoint_renderer.pose import HeadPose

HAPPY = EmotionPrompt.parse("happy")


class Pose:
    """Reads the mean brightness as the translation."""

    def __init__(self):
        self.batches = []

    def __call__(self, pixels):
        count = len(pixels)
        self.batches.append(count)
        level = pixels.mean((1, 2, 3))[:, None]
        flat = torch.zeros(count, 66)
        t = torch.cat((level, torch.zeros(count, 1), torch.full((count, 1), 3.0)), 1)
        return HeadPose(flat, flat, flat, t, torch.zeros(count, 45))


class Transformer:
    """Takes the centre of its windows; remembers what it was given."""

    def __init__(self):
        self.given = []

    def __call__(self, mels, poses, deep, head, face, prompt, deep_prompts):
        self.given.append((mels, poses, deep, head))
        first = deep[:, 5, 8, :1]
        return SimpleNamespace(
            pca_coeff=first.expand(-1, 32) * prompt[:, :1], face_feature_map=torch.zeros(1)
        )


class Deformation:
    calls = 0

    def __call__(self, face, prompt, deep_prompts):
        self.calls += 1
        return torch.zeros(1, 45)


class Renderer:
    """Shows the whole square as bright as the first key point has moved to the right."""

    encoded = 0

    def encode(self, pixels, prompt):
        self.encoded += 1
        return pixels

    def __call__(self, feature, source, driving):
        assert len(driving) == 1
        level = (0.5 + (driving - source)[0, 0, 0]).clamp(0, 1)
        return SimpleNamespace(prediction=level.expand(1, 3, 256, 256))


def networks():
    canonical = torch.from_numpy(np.random.default_rng(0).uniform(-1, 1, (1, 15, 3))).float()

    def prompt(noise, emotion):
        return torch.full((1, 128), float(emotion)), torch.zeros(1, 6, 128)

    return SimpleNamespace(
        prompt=prompt,
        transformer=Transformer(),
        deformation=Deformation(),
        detector=lambda pixels: (canonical.expand(len(pixels), -1, -1), None),
        pose=Pose(),
        renderer=Renderer(),
        basis=torch.ones(45, 45) * 2e-4,
        mean=torch.zeros(45),
        mel=torch.full((80,), -7.0),
        deep=torch.full((16, 29), -9.0),
        device=torch.device("cpu"),
    )


def mesh(turn=0.0):
    points, _ = canonical_mesh()
    points = points - points.mean(0)
    c, s = np.cos(turn), np.sin(turn)
    points = points @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]], np.float32)
    points[:, 1] *= -1 if points[10, 1] > points[152, 1] else 1  # the forehead is up
    return (points * 8 + (200, 160, 0)).astype(np.float32)


class Finder:
    def __init__(self, points):
        self.points = points

    def largest_face(self, image, min_size):
        if self.points is None:
            raise FaceError("no face found")
        return SimpleNamespace(points=self.points)

    def find(self, image):
        return [SimpleNamespace(points=self.points)] if image.any() else []


@pytest.fixture
def make(monkeypatch):
    monkeypatch.setattr(animator, "find_files", lambda *a, **k: None)
    monkeypatch.setattr(animator, "trust_files", lambda *a: None)
    monkeypatch.setattr(still, "load", lambda files, device: networks())

    def make(points="a face", frames=4, deep_speech=None, **options):
        if deep_speech is None:
            deep_speech = np.linspace(-1, 1, frames)[:, None, None] + np.zeros((frames, 16, 29))
        made = EatAnimator(deep_speech=deep_speech, device="cpu", **options)
        finder = Finder(mesh() if isinstance(points, str) else points)
        monkeypatch.setattr(made, "_finder", finder)
        return made

    return make


@pytest.fixture
def portrait():
    original = np.full((320, 400, 3), 120, np.uint8)
    return Portrait(255 - original, original)


def speech(frames=4, extra=0, rate=16000):
    rng = np.random.default_rng(1)
    samples = rng.standard_normal(rate * frames // 25 + extra).astype(np.float32) * 0.1
    return Speech(Audio(samples, rate), "words")


def clip(*shades, fps=25.0):
    images = [np.full((320, 400, 3), shade, np.uint8) for shade in shades]
    frames = [Frame(i / fps, image) for i, image in enumerate(images)]
    return SimpleNamespace(
        size=(256, 256),
        duration=len(frames) / fps,
        fps=fps,
        frames=lambda start, end: (f for f in frames if f.time < end),
    )


def test_it_is_an_animator(make):
    assert isinstance(make(), Animator)
    assert registry.load(registry.info("animator", "eat")) is EatAnimator


@pytest.mark.parametrize(("mode", "size"), [("full", (400, 320)), ("crop", (256, 256))])
def test_frames_have_the_promised_size_and_number(make, portrait, mode, size):
    animation = make(mode=mode).animate(portrait, speech(4), HAPPY)
    frames = list(animation.frames)
    assert (animation.fps, animation.size) == (25.0, size)
    assert animation.length == len(frames) == 4
    assert {f.shape[1::-1] for f in frames} == {size}
    assert frames[0].dtype == np.uint8


def test_frames_cover_the_speech(make, portrait):
    assert make(frames=5).animate(portrait, speech(4, extra=1), HAPPY).length == 5
    assert make(frames=50).animate(portrait, speech(50, rate=44100), HAPPY).length == 50
    short = make(frames=1).animate(portrait, speech(0, extra=10), HAPPY)
    assert short.length == len(list(short.frames)) == 1


def test_it_starts_from_the_frame_as_it_was_filmed(make, portrait):
    frame = next(make().animate(portrait, speech(4), HAPPY).frames)
    assert (frame[0] == portrait.original[0]).all()
    assert (frame != portrait.original).any()


def test_lips_follow_speech_and_emotion(make, portrait):
    def levels(word):
        prompt = EmotionPrompt.parse(word)
        animation = make(mode="crop").animate(portrait, speech(4), prompt)
        return [int(f[0, 0, 0]) for f in animation.frames]

    happy = levels("happy")
    assert sorted(set(happy)) == happy  # as the features rise
    assert levels("very very happy") != levels("slightly happy")  # by its intensity
    assert levels("anger") != happy


def test_what_does_not_change_is_computed_once(make, portrait):
    made = make(frames=12)
    animation = made.animate(portrait, speech(12), HAPPY)
    found = made._networks
    assert found.renderer.encoded == 0
    next(animation.frames)
    assert not torch.is_inference_mode_enabled()
    assert sum(1 for _ in animation.frames) == 11
    assert found.renderer.encoded == 1
    assert found.deformation.calls == 1
    assert found.pose.batches == [1]
    assert [len(mels) for mels, *_ in found.transformer.given] == [5, 5, 2]


def test_windows_see_silence_outside_the_clip(make, portrait):
    made = make(frames=4)
    list(made.animate(portrait, speech(4), HAPPY).frames)
    mels, poses, deep, head = made._networks.transformer.given[0]
    assert (mels.shape, poses.shape) == ((4, 1, 80, 11), (4, 11, 1, 64, 64))
    assert (deep.shape, head.shape) == ((4, 11, 16, 29), (4, 45))
    assert (mels[0, 0, :, :5] == -7).all()
    assert (mels[0, 0, :, 5:9] != -7).all()
    assert (mels[0, 0, :, 9:] == -7).all()
    assert (deep[0, :, 0, 0] == -9).tolist() == [True] * 5 + [False] * 4 + [True] * 2
    assert poses.max() > 100


def test_features_that_are_a_little_short(make, portrait):
    made = make(frames=3)
    assert len(list(made.animate(portrait, speech(5), HAPPY).frames)) == 5
    deep = made._networks.transformer.given[0][2]
    assert (deep[3, 5] == -9).all()
    with pytest.raises(InputError, match="features of 3 frames given for speech of 6"):
        made.animate(portrait, speech(6), HAPPY)


def test_the_head_moves_with_the_source_clip(make, portrait):
    shades = (100, 110, 120, 130, 140, 150)
    made = make(mode="crop", frames=8)
    list(made.animate(portrait, speech(8), HAPPY, clip(*shades)).frames)
    heads = torch.cat([head for *_, head in made._networks.transformer.given])
    moved = (heads[:, 42] * 255).round().int().tolist()
    assert moved == [100, 110, 120, 130, 140, 150, 140, 130]  # and back
    kept = make(frames=8)
    list(kept.animate(portrait, speech(8), HAPPY, clip(*shades)).frames)
    heads = torch.cat([head for *_, head in kept._networks.transformer.given])
    assert len(set(heads[:, 42].tolist())) == 1


def test_a_driving_video(make, portrait, monkeypatch):
    import emoanim.media

    monkeypatch.setattr(emoanim.media, "Video", lambda path: clip(50, 90))
    made = make(frames=4, driving="other.mp4")
    list(made.animate(portrait, speech(4), HAPPY, clip(200, 210)).frames)
    heads = torch.cat([head for *_, head in made._networks.transformer.given])
    assert (heads[:, 42] * 255).round().int().tolist() == [50, 90, 50, 90]


def test_head_motion_comes_at_25_frames_per_second():
    found = networks()
    pose = head_motion(found, clip(0, 60, 70, 80, fps=12.5), Finder(mesh()), 100)
    assert (pose.t[:, 0] * 255).round().int().tolist() == [60, 60, 60, 70, 70, 80, 80]
    slow = head_motion(found, clip(9, fps=1), Finder(mesh()), 1)
    assert len(slow.t) == 1
    fast = head_motion(found, clip(*range(10, 60), fps=50), Finder(mesh()), 25)
    assert len(fast.t) == 25
    assert max(found.pose.batches) <= 8
    with pytest.raises(FaceError, match="driving video shows no face"):
        head_motion(found, clip(0, 0), Finder(mesh()), 10)


def test_motion_goes_there_and_back():
    pose = HeadPose(*(torch.arange(3.0)[:, None] for _ in range(5)))
    assert there_and_back(pose, 7).t[:, 0].tolist() == [0, 1, 2, 1, 0, 1, 2]
    one = HeadPose(*(torch.ones(1, 1) for _ in range(5)))
    assert there_and_back(one, 3).yaw.shape == (3, 1)


def test_the_points_of_a_clip_are_centred_on_the_source():
    found = networks()
    face = still.read_faces(found, [np.full((256, 256, 3), 90, np.uint8)])
    pose = HeadPose(*(part.expand(9, -1) for part in face.pose))
    mel, deep = np.zeros((10, 80), np.float32), np.random.default_rng(0).random((9, 16, 29), "f4")
    prompts = still.prompts_of(found, "happy", 1.0, 0)
    points = clip_points.clip_points(found, face, pose, mel, deep, prompts)
    assert points.shape == (9, 15, 3)
    torch.testing.assert_close(points.mean((0, 1)), face.points[0].mean(0), atol=1e-5, rtol=0)
    assert (points[0] - points[1]).abs().max() > 1e-4


def test_ten_minutes_are_planned_without_being_computed(make, portrait):
    made = make(frames=15000)
    audio = Audio(np.zeros(600 * 16000, np.float32), 16000)
    animation = made.animate(portrait, Speech(audio, "long"), HAPPY)
    assert animation.length == 15000
    assert made._networks.transformer.given == []


def test_same_seed_same_frames(make, portrait):
    first, second = (list(make().animate(portrait, speech(4), HAPPY).frames) for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))


def test_silence_and_no_sound(make, portrait):
    silent = Speech(Audio(np.zeros(2560, np.float32), 16000), "")
    assert len(list(make().animate(portrait, silent, HAPPY).frames)) == 4
    with pytest.raises(InputError, match="0 samples given"):
        make().animate(portrait, Speech(Audio(np.zeros(0, np.float32), 16000), ""), HAPPY)


def test_no_face_and_a_profile(make, portrait):
    with pytest.raises(FaceError, match="no face found"):
        make(points=None).animate(portrait, speech(), HAPPY)
    with pytest.raises(FaceError, match="turned away"):
        make(points=mesh(turn=1.5)).animate(portrait, speech(), HAPPY)


def test_wrong_options(make, tmp_path, monkeypatch):
    with pytest.raises(SettingsError, match="mode='half' given; expected full or crop"):
        make(mode="half")
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path))
    monkeypatch.delenv("EMOANIM_WEIGHTS_DEEPSPEECH_0_1_0_B90017E8_PB", raising=False)
    with pytest.raises(WeightsError, match=r"deepspeech-0_1_0-b90017e8\.pb is needed and cannot"):
        EatAnimator()
    (tmp_path / "other.pb").write_bytes(b"another graph")
    with pytest.raises(WeightsError, match=r"expected sha1:b90017e8"):
        EatAnimator(deep_speech=tmp_path / "other.pb")


def test_a_graph_that_the_user_trusts(make, tmp_path, portrait, monkeypatch):
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    graph = graphs.write_graph(tmp_path / "g.pb", graphs.weights())
    trusted = {animator.GRAPH: hashlib.sha256(graph.read_bytes()).hexdigest()}
    made = make(deep_speech=graph, sha256=trusted)
    testing.check_animator(made, portrait)
    monkeypatch.setenv("EMOANIM_WEIGHTS_DEEPSPEECH_0_1_0_B90017E8_PB", str(graph))
    assert EatAnimator(sha256=trusted)
    graph.write_bytes(graph.read_bytes()[:-9])
    with pytest.raises(WeightsError, match=r"g\.pb has sha256:"):
        make(deep_speech=graph, sha256=trusted)


@pytest.mark.slow
def test_from_files_to_frames(golden, tmp_path, monkeypatch):
    """Everything from files: EAT's from the manifests, DeepSpeech's graph, a real face."""
    from golden_cases.checkpoint_files import write_eat

    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    write_eat(golden, tmp_path)
    graph = graphs.write_graph(tmp_path / "graph.pb", graphs.weights())
    made = EatAnimator(
        weights=tmp_path,
        accept_licence=True,
        deep_speech=graph,
        sha256={animator.GRAPH: hashlib.sha256(graph.read_bytes()).hexdigest()},
        mode="crop",
        device="cpu",
    )
    image = demo_portrait()
    animation = made.animate(Portrait(image, image), speech(2), HAPPY, clip_of(image))
    first, second = animation.frames
    assert first.shape == second.shape == (256, 256, 3)
    assert first.std() > 10
    assert (first != second).any()


def clip_of(image):
    moved = (image, np.roll(image, 6, 1))
    frames = [Frame(i / 25, picture) for i, picture in enumerate(moved)]
    return SimpleNamespace(
        size=(256, 256),
        duration=len(frames) / 25,
        fps=25.0,
        frames=lambda start, end: (f for f in frames if f.time < end),
    )
