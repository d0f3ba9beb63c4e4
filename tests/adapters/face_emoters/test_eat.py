"""EAT: its square, its key points, and the chain with the networks of the manifests."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emoanim.emotions import EmotionPrompt
from emoanim.engines.eat.files import EatFiles
from emoanim.engines.eat.square import paste_square, square_like
from emoanim.errors import FaceError, SettingsError
from emoanim.faces.crop import Square, cut

pytest.importorskip("torch")

import torch

from emoanim.adapters.face_emoters import eat as emoter
from emoanim.adapters.face_emoters.eat import EatFaceEmoter
from emoanim.engines.eat import still
from emoanim.engines.eat.key_points import hull_volume, shifted

NAMES = (
    "deepprompt_eam3d_all_final_313.pth.tar",
    "pretrain_new_274.pth.tar",
    "U_mead.npy",
    "mean_mead.npy",
)


def test_the_volume_of_a_cube_with_points_inside():
    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    corners += np.random.default_rng(0).normal(0, 1e-6, corners.shape)
    inside = np.random.default_rng(1).uniform(0.1, 0.9, (7, 3))
    assert hull_volume(np.concatenate((corners, inside))) == pytest.approx(1, abs=1e-4)


def test_the_volume_agrees_with_scipy():
    spatial = pytest.importorskip("scipy.spatial")
    points = np.random.default_rng(2).standard_normal((15, 3))
    assert hull_volume(points) == pytest.approx(spatial.ConvexHull(points).volume)


def test_driving_points_are_centred_on_the_source():
    source = torch.randn(1, 15, 3)
    moved = shifted(torch.randn(4, 15, 3) + 3, source)
    torch.testing.assert_close(moved.mean((0, 1)), source.mean((0, 1)), atol=1e-5, rtol=0)


def test_a_square_that_a_template_shows():
    template = np.random.default_rng(0).uniform(60, 200, (47, 2))
    square = Square(300.0, 200.0, 180.0, 0.3)
    landmarks = square.to_image(template.astype(np.float32) / 256).astype(float)
    found = square_like(landmarks, template, 256)
    assert (found.x, found.y) == pytest.approx((300, 200), abs=1e-3)
    assert (found.side, found.angle) == pytest.approx((180, 0.3), abs=1e-3)


def test_what_was_cut_out_fits_back():
    rows, columns = np.mgrid[:240, :320].astype(float)
    waves = 120 + 60 * np.sin(rows / 25) + 50 * np.cos(columns / 19)
    picture = np.repeat(waves[..., None], 3, 2).astype(np.uint8)
    square = Square(150.0, 120.0, 150.0, 0.25)
    back = paste_square(picture, cut(picture, square, 256), square)
    assert np.abs(back.astype(int) - picture).max() <= 3
    marked = paste_square(picture, np.full((256, 256, 3), 255, np.uint8), square)
    assert (marked[115:125, 145:155] == 255).all()
    assert (marked[:20] == picture[:20]).all()


@pytest.fixture(scope="module")
def small_networks(golden):
    """The real prompt network; those of the picture are replaced where they are used."""
    from golden_cases import fill, load_manifest

    from emoanim.engines.eat.prompt import PromptMapper
    from emoanim.weights import checkpoints

    arrays = fill(load_manifest(golden / "eat" / "manifest_emotionprompt.json"))
    tensors = {n: torch.from_numpy(a) for n, a in arrays.items()}
    mapper = checkpoints.build(PromptMapper, tensors, "prompt")
    return SimpleNamespace(prompt=mapper, device=torch.device("cpu"))


def test_intensity_lies_between_neutral_and_the_emotion(small_networks):
    none, _ = still.prompts_of(small_networks, "happy", 0.0, 3)
    neutral, deep = still.prompts_of(small_networks, "neutral", 1.0, 3)
    half, _ = still.prompts_of(small_networks, "happy", 0.5, 3)
    full, _ = still.prompts_of(small_networks, "happy", 1.0, 3)
    assert deep.shape == (1, 6, 128)
    torch.testing.assert_close(none, neutral)
    torch.testing.assert_close(half, (none + full) / 2)
    again, _ = still.prompts_of(small_networks, "happy", 1.0, 4)
    assert not torch.equal(full, again)


def face_mesh(turn=0.0):
    from emoanim.faces import canonical_mesh

    points = canonical_mesh()[0]
    points = points - points.mean(0)
    c, s = np.cos(turn), np.sin(turn)
    points = points @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]], np.float32)
    points[:, 1] *= -1 if points[10, 1] > points[152, 1] else 1
    return (points * 8 + (200, 160, 0)).astype(np.float32)


@pytest.fixture
def eat(small_networks, monkeypatch):
    """An emoter whose networks invert; the sizes of its batches are kept."""
    batches = []

    def inverted(networks, images, prompts):
        batches.append(len(images))
        return [255 - image for image in images]

    monkeypatch.setattr(emoter, "find_files", lambda *a, **k: None)
    monkeypatch.setattr(emoter, "trust_files", lambda *a: None)
    monkeypatch.setattr(still, "load", lambda files, device: small_networks)
    monkeypatch.setattr(still, "emotional_stills", inverted)

    def make(points=None, **options):
        made = EatFaceEmoter(device="cpu", **options)
        points = face_mesh() if points is None else points
        finder = SimpleNamespace(largest_face=lambda i, s: SimpleNamespace(points=points))
        monkeypatch.setattr(made, "_finder", finder)
        return made

    make.batches = batches
    return make


SAD = EmotionPrompt.parse("sad")


def test_portraits_keep_their_frames(eat):
    frames = np.full((2, 320, 400, 3), 40, np.uint8)
    portraits = eat().emote(frames, SAD)
    assert [p.emoter for p in portraits] == ["eat", "eat"]
    assert (portraits[0].original == frames[0]).all()
    assert (portraits[0].image[160, 200] == 215).all()
    assert (portraits[0].image[0] == 40).all()
    assert portraits[0].quality > 0.8
    assert eat().emote([], SAD) == []


def test_stills_come_in_bounded_batches(eat, monkeypatch):
    frames = [np.full((320, 400, 3), 10 * i, np.uint8) for i in range(5)]
    shades = [p.image[160, 200, 0] for p in eat(batch=2).emote(frames, SAD)]
    assert shades == [255, 245, 235, 225, 215]
    assert eat.batches == [2, 2, 1]
    monkeypatch.setattr(emoter, "stills_that_fit", lambda device: 1)
    eat(batch=5).emote(frames[:2], SAD)
    assert eat.batches[3:] == [1, 1]
    with pytest.raises(SettingsError, match="batch=0 given"):
        eat(batch=0)


def test_what_fits_depends_on_free_memory(monkeypatch):
    assert emoter.stills_that_fit(torch.device("cpu")) >= 1
    monkeypatch.setattr(emoter, "_free_memory", lambda: int(4.2e9))
    assert emoter.stills_that_fit(torch.device("cpu")) == 4
    monkeypatch.setattr(emoter, "_free_memory", lambda: 0)
    assert emoter.stills_that_fit(torch.device("cpu")) == 1


def test_a_profile_is_ranked_last(eat):
    frame = np.full((320, 400, 3), 40, np.uint8)
    (portrait,) = eat(points=face_mesh(turn=1.2)).emote([frame], SAD)
    assert portrait.quality == 0


def test_a_frame_without_a_face_is_told_before_anything_is_rendered(eat):
    made = eat()
    seen = []

    def second_is_empty(image, size):
        seen.append(image)
        if len(seen) == 2:
            raise FaceError("no face found")
        return SimpleNamespace(points=face_mesh())

    made._finder = SimpleNamespace(largest_face=second_is_empty)
    with pytest.raises(FaceError, match="frame 1: no face found"):
        made.emote(np.zeros((3, 320, 400, 3), np.uint8), SAD)
    assert eat.batches == []


def test_a_template_that_is_none(eat, tmp_path):
    with pytest.raises(SettingsError, match="no such file"):
        eat(template=tmp_path / "none.npy")
    np.save(tmp_path / "t.npy", np.zeros((5, 2)))
    with pytest.raises(SettingsError, match=r"shape \(5, 2\) given; expected \(47 or 68, 2\)"):
        eat(template=tmp_path / "t.npy")
    (tmp_path / "t.npy").write_bytes(b"half")
    with pytest.raises(SettingsError, match="it is no array"):
        eat(template=tmp_path / "t.npy")


@pytest.fixture(scope="module")
def official(golden, tmp_path_factory):
    """A folder like the official one, written from the manifests."""
    from golden_cases.checkpoint_files import write_eat

    return write_eat(golden, tmp_path_factory.mktemp("eat"))


@pytest.mark.slow
def test_from_files_to_a_portrait(official, portrait, tmp_path, monkeypatch):
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    made = EatFaceEmoter(weights=official, accept_licence=True, device="cpu")
    # a wide margin, which the crop around the head does not reach
    image = np.pad(portrait, ((300, 300), (300, 300), (0, 0)), mode="edge")
    (changed,) = made.emote([image], EmotionPrompt.parse("very happy"))
    assert changed.image.shape == image.shape
    assert (changed.image != image).any()
    assert (changed.image[0] == image[0]).all()
    assert len(list((tmp_path / "cache" / "first_use").iterdir())) == 4


@pytest.mark.slow
def test_a_batch_makes_what_single_stills_make(official):
    checkpoint, pose, basis, mean = (official / name for name in NAMES)
    networks = still.load(EatFiles(checkpoint, pose, basis, mean, None), "cpu")
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.random((2, 3, 16, 16), np.float32))
    smooth = torch.nn.functional.interpolate(coarse, size=(256, 256), mode="bicubic").clamp(0, 1)
    images = list((smooth * 255).byte().permute(0, 2, 3, 1).numpy())
    prompts = still.prompts_of(networks, "happy", 1.0, 0)

    def points(*images):
        faces = still.read_faces(networks, images)
        return torch.stack(still.still_points(networks, faces, prompts), 1)

    together = points(*images)
    alone = torch.cat([points(image) for image in images])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=0)
    assert (alone[0, 1] - alone[1, 1]).abs().max() > 0.01
    # The renderer is the same at any size; a quarter of the pixels is enough here.
    pixels = smooth[:, :, ::2, ::2]

    def rendered(*rows):
        rows = list(rows)
        with torch.inference_mode():
            feature = networks.renderer.encode(pixels[rows], prompts[0])
            return networks.renderer(feature, alone[rows, 0], alone[rows, 1]).prediction

    single = torch.cat([rendered(0), rendered(1)])
    torch.testing.assert_close(rendered(0, 1), single, atol=5e-4, rtol=0)
    assert (single[0] - single[1]).abs().mean() > 0.02
