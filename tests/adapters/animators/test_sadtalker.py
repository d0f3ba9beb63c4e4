"""The chain from portrait and speech to frames, with networks that are easy to foresee."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emoanim.adapters.animators import sadtalker as animator
from emoanim.adapters.animators.sadtalker import SadtalkerAnimator
from emoanim.clips import Audio, Frame, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.sadtalker import networks as networks_module
from emoanim.engines.sadtalker import verification
from emoanim.engines.sadtalker.networks import Files, Networks
from emoanim.engines.sadtalker.reference import reference_track
from emoanim.errors import FaceError, InputError, SettingsError, WeightsError
from emoanim.faces import canonical_mesh
from emoanim.protocols import Animator

torch = pytest.importorskip("torch")

HAPPY = EmotionPrompt.parse("happy")


def expression(mels, reference, lids):
    return reference * 0 + mels.mean((1, 2, 3))[:, None] / 100 + lids


class Pose:
    def hear(self, mels):
        return mels.mean((1, 2, 3))[:, None].expand(-1, 6)

    def move(self, sound, start, style, noise):
        count = 0 if sound is None else len(sound)
        return torch.linspace(0, 1, count + 1)[:, None] * noise[0, :6]


class Renderer:
    """Shows the source, brighter the higher the mouth coefficient."""

    def __init__(self):
        self.encoded = 0

    def encode(self, pixels):
        self.encoded += 1
        return pixels

    def __call__(self, pixels, source, driving):
        lift = (driving - source).mean()
        return SimpleNamespace(prediction=pixels * 0.5 + lift)


def mapped(windows):
    from emoanim.engines.sadtalker.mapping import Mapped

    count = len(windows)
    nil = torch.zeros(count, 66)
    middle = windows[:, :1, 13]
    return Mapped(nil, nil, nil, torch.zeros(count, 3), middle.expand(-1, 45))


def networks():
    return Networks(
        regressor=lambda x: torch.zeros(1, 257) + 0.01,
        expression=expression,
        pose=Pose(),
        mapping=mapped,
        detector=lambda x: (torch.zeros(1, 15, 3), None),
        renderer=Renderer(),
        device=torch.device("cpu"),
        dtype=torch.float32,
    )


def mesh(centre=(200.0, 160.0), scale=9.0, turn=0.0):
    points, _ = canonical_mesh()
    points = points - points.mean(0)
    c, s = np.cos(turn), np.sin(turn)
    points = points @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]], np.float32)
    points[:, 1] *= -1 if points[10, 1] > points[152, 1] else 1  # the forehead is up
    return (points * scale + (*centre, 0)).astype(np.float32)


class Finder:
    def __init__(self, points):
        self.points = points

    def largest_face(self, image, min_size):
        if self.points is None:
            raise FaceError("no face found")
        return SimpleNamespace(points=self.points)


@pytest.fixture
def make(monkeypatch, tmp_path):
    monkeypatch.setattr(animator, "find_files", lambda *a, **k: Files(tmp_path, tmp_path, 73))
    monkeypatch.setattr(animator, "load", lambda files, **k: networks())

    def make(points="a face", **options):
        made = SadtalkerAnimator(device="cpu", **options)
        finder = Finder(mesh() if isinstance(points, str) else points)
        monkeypatch.setattr(made, "_finder", finder)
        return made

    return make


@pytest.fixture
def portrait():
    image = np.full((320, 400, 3), 120, np.uint8)
    image[::7] = 60
    return Portrait(image, image)


def speech(frames=4, rate=16000, extra=0):
    rng = np.random.default_rng(1)
    samples = rng.standard_normal(rate * frames // 25 + extra).astype(np.float32) * 0.1
    return Speech(Audio(samples, rate), "words")


def test_it_is_an_animator(make):
    assert isinstance(make(), Animator)


@pytest.mark.parametrize(
    ("mode", "size"),
    [("full", (400, 320)), ("extfull", (400, 320)), ("resize", (256, 204)), ("crop", None)],
)
def test_frames_have_the_promised_size_and_number(make, portrait, mode, size):
    animation = make(mode=mode).animate(portrait, speech(4), HAPPY)
    frames = list(animation.frames)
    assert animation.fps == 25
    assert animation.length == len(frames) == 4
    assert size is None or animation.size == size
    assert {f.shape[1::-1] for f in frames} == {animation.size}
    assert frames[0].dtype == np.uint8


def test_frames_cover_the_speech(make, portrait):
    assert make().animate(portrait, speech(4, extra=1), HAPPY).length == 5
    assert make().animate(portrait, speech(50, rate=44100), HAPPY).length == 50
    assert make().animate(portrait, speech(0, extra=10), HAPPY).length == 1


def test_the_source_is_encoded_once_and_frames_are_made_as_they_are_read(make, portrait):
    made = make()
    animation = made.animate(portrait, speech(40), HAPPY)
    renderer = made._networks.renderer
    assert renderer.encoded == 0
    next(animation.frames)
    assert not torch.is_inference_mode_enabled()
    assert renderer.encoded == 1
    assert sum(1 for _ in animation.frames) == 39
    assert renderer.encoded == 1


def test_outside_the_face_the_picture_is_kept(make, portrait):
    frame = next(make().animate(portrait, speech(1), HAPPY).frames)
    changed = (frame != portrait.image).any(-1)
    assert changed.any()
    assert not changed[0].any()
    assert not changed[:, -1].any()


def test_same_seed_same_frames(make, portrait):
    def first(**options):
        animation = make(mode="crop", **options).animate(portrait, speech(60), HAPPY)
        return np.stack(list(animation.frames))

    assert (first(seed=3) == first(seed=3)).all()
    assert (first(seed=3) != first(seed=4)).any()


def test_an_enhancer_sees_every_face(make, portrait):
    seen = []

    def enhance(face):
        seen.append(face.shape)
        return np.repeat(np.repeat(face, 2, 0), 2, 1)

    frames = list(make(enhancer=enhance).animate(portrait, speech(2), HAPPY).frames)
    assert seen == [(256, 256, 3)] * 2
    assert frames[0].shape == portrait.image.shape


def test_no_sound(make, portrait):
    silent = Speech(Audio(np.zeros(0, np.float32), 16000), "")
    with pytest.raises(InputError, match="0 samples given"):
        make().animate(portrait, silent, HAPPY)


def test_no_face_and_a_profile(make, portrait):
    with pytest.raises(FaceError):
        make(points=None).animate(portrait, speech(), HAPPY)
    with pytest.raises(FaceError, match="turned away"):
        make(points=mesh(turn=1.5)).animate(portrait, speech(), HAPPY)


def test_ten_minutes_are_planned_without_being_rendered(make, portrait):
    rng = np.random.default_rng(0)
    audio = Audio(rng.standard_normal(600 * 16000, np.float32) * np.float32(0.1), 16000)
    animation = make(still=False).animate(portrait, Speech(audio, "long"), HAPPY)
    assert animation.length == 15000
    assert next(animation.frames).shape == portrait.image.shape


class Tracked:
    """A finder for the tracker: a face in every frame but those that are black."""

    def detect(self, image, **options):
        return []

    def find(self, image, **options):
        return [self.fit(image, None)] if image.any() else []

    def fit(self, image, square, *, score=None, passes=1):
        points = mesh()
        return (
            SimpleNamespace(points=points, size=160.0, centre=(200, 160)) if image.any() else None
        )


def clip(*shades, fps=12.5):
    frames = [
        Frame(i / fps, np.full((320, 400, 3), shade, np.uint8)) for i, shade in enumerate(shades)
    ]
    return SimpleNamespace(frames=lambda start, end: (f for f in frames if f.time < end))


def test_a_reference_video_is_read_at_25_frames_per_second():
    found = networks()
    track = reference_track(found, clip(9, 9, 0, 9), Tracked(), 10.0)
    assert track.shape == (7, 73)
    with pytest.raises(FaceError, match="reference video shows no face"):
        reference_track(found, clip(0, 0), Tracked(), 10.0)


def test_a_wrong_option_is_told_before_anything_is_loaded():
    with pytest.raises(SettingsError, match="mode='whole' given; expected crop"):
        SadtalkerAnimator(mode="whole")


def test_what_a_device_cannot_is_told_before_anything_is_loaded(tmp_path, monkeypatch):
    files = Files(tmp_path / "a", tmp_path / "b", 73)
    with pytest.raises(SettingsError, match=r"half=True given for the processor.*expected a GPU"):
        networks_module.load(files, device="cpu", half=True)
    monkeypatch.setattr(networks_module.shutil, "which", lambda name: None)
    with pytest.raises(SettingsError, match=r"torch\.compile needs a C\+\+ compiler for cpu"):
        networks_module.load(files, device="cpu", compiled=True)
    if not torch.cuda.is_available():
        with pytest.raises(SettingsError, match="device 'cuda' given; this machine has: cpu"):
            networks_module.load(files, device="cuda", half=True)


def test_missing_files_are_told(tmp_path):
    with pytest.raises(WeightsError, match=r"SadTalker_V0\.0\.2_256\.safetensors"):
        SadtalkerAnimator(weights=tmp_path)


def test_verification_stops_at_the_first_failure(tmp_path, monkeypatch):
    steps = list(verification.verify(weights=tmp_path))
    assert [s.passed for s in steps] == [False]
    assert "no such file" in steps[0].detail
    monkeypatch.setattr(
        verification, "find_files", lambda *a, **k: Files(tmp_path / "a", tmp_path / "b", 73)
    )
    monkeypatch.setattr(verification, "load", lambda files, **k: networks())
    steps = list(verification.verify(weights=tmp_path))
    assert [s.name for s in steps] == ["hashes", "strict loading", "render"]
    assert all(s.passed for s in steps)


def changed_box(frame, picture):
    rows, columns = np.nonzero((frame != picture).any(-1))
    return columns.min(), rows.min(), columns.max(), rows.max()


def test_the_wider_border_reaches_further(make, portrait):
    boxes = []
    for mode in ("full", "extfull"):
        frame = next(make(mode=mode).animate(portrait, speech(1), HAPPY).frames)
        boxes.append(changed_box(frame, portrait.image))
    (left, top, right, bottom), wide = boxes
    assert wide[0] < left
    assert wide[1] < top
    assert wide[2] > right
    assert wide[3] > bottom


def test_resize_renders_the_whole_picture_and_crop_the_face(make, portrait):
    cv2 = pytest.importorskip("cv2")
    seen = {}
    for mode in ("resize", "crop"):
        made = make(mode=mode)
        encode = made._networks.renderer.encode
        made._networks.renderer.encode = lambda p, m=mode, e=encode: seen.setdefault(m, e(p))
        next(made.animate(portrait, speech(1), HAPPY).frames)
    whole = cv2.resize(portrait.image, (256, 256), interpolation=cv2.INTER_LINEAR)
    found = {m: (p[0].permute(1, 2, 0) * 255).round().byte().numpy() for m, p in seen.items()}
    np.testing.assert_array_equal(found["resize"], whole)
    assert found["crop"].shape == whole.shape
    assert (found["crop"] != whole).mean() > 0.1


def test_of_several_faces_the_largest_is_animated(make):
    from emoanim.demo import demo_portrait

    face = demo_portrait()
    image = np.full((512, 768, 3), 128, np.uint8)
    image[:256, :256] = face[::2, ::2]
    image[:, 256:] = face
    made = make()
    made._finder = None  # the real one
    frame = next(made.animate(Portrait(image, image), speech(1), HAPPY).frames)
    assert changed_box(frame, image)[0] >= 256


@pytest.mark.parametrize("part", ["reference_pose", "reference_eyes"])
def test_a_reference_video_is_read_from_its_file(
    make, portrait, moving_portrait, part, monkeypatch
):
    made = make(**{part: moving_portrait}, mode="crop", still=True)
    made._finder = None  # the real one
    calls = []

    def regressor(pixels):
        """Every next picture has an expression and an angle that are larger by one."""
        calls.append(tuple(pixels.shape))
        found = torch.zeros(1, 257)
        found[0, 80] = found[0, 224] = len(calls)
        return found

    object.__setattr__(made._networks, "regressor", regressor)
    tracks = []
    monkeypatch.setattr(animator, "render", lambda n, i, own, track, o: tracks.append(track) or ())
    portrait = Portrait(face := moving_face(), face)
    made.animate(portrait, speech(8), HAPPY)
    assert calls == [(1, 3, 224, 224)] * 9  # the portrait, and as many frames as the speech has
    head = tracks[0][:, 64] - 1
    assert head.tolist() == (list(range(8)) if part == "reference_pose" else [0] * 8)


def moving_face():
    from emoanim.demo import demo_portrait

    return demo_portrait()
