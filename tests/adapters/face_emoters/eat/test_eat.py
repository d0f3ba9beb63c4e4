"""EAT: its files, its square, its key points, and the chain with the networks of the manifests."""

from __future__ import annotations

import json
import math
import shutil
from types import SimpleNamespace

import numpy as np
import pytest

from emoanim.adapters.face_emoters.eat.files import find_files, read_silence
from emoanim.adapters.face_emoters.eat.square import paste_square, square_like
from emoanim.emotions import EmotionPrompt
from emoanim.errors import FaceError, SettingsError, WeightsError
from emoanim.faces.crop import Square, cut

torch = pytest.importorskip("torch")

from emoanim.adapters.face_emoters.eat import EatFaceEmoter, emoter, still  # noqa: E402
from emoanim.adapters.face_emoters.eat.key_points import hull_volume, shifted  # noqa: E402

NAMES = (
    "deepprompt_eam3d_all_final_313.pth.tar",
    "pretrain_new_274.pth.tar",
    "U_mead.npy",
    "mean_mead.npy",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("EMOANIM_WEIGHTS_EAT", raising=False)
    monkeypatch.delenv("EMOANIM_ACCEPT_LICENCES", raising=False)
    inside = tmp_path / "files" / "ckpt"
    inside.mkdir(parents=True)
    for name in NAMES:
        (inside / name).write_bytes(name.encode())
    return tmp_path / "files"


def test_the_licence_is_accepted_by_flag_or_variable(folder, monkeypatch):
    with pytest.raises(WeightsError, match=r"CC-BY-NC-4\.0"):
        find_files(folder)
    assert find_files(folder, accept_licence=True).pad is None
    monkeypatch.setenv("EMOANIM_ACCEPT_LICENCES", "AGPL-3.0, cc-by-nc-4.0")
    assert find_files(folder).checkpoint.name == NAMES[0]


def test_files_are_found_by_the_environment_variable(folder, monkeypatch):
    with pytest.raises(WeightsError, match="no folder with EAT's files"):
        find_files(accept_licence=True)
    monkeypatch.setenv("EMOANIM_WEIGHTS_EAT", str(folder))
    assert find_files(accept_licence=True).mean.name == "mean_mead.npy"


def test_a_missing_file_is_named(folder):
    (folder / "ckpt" / "U_mead.npy").unlink()
    with pytest.raises(WeightsError, match=r"holds no U_mead\.npy"):
        find_files(folder, accept_licence=True)


def test_the_first_use_is_trusted_and_a_change_is_not(folder, tmp_path):
    files = find_files(folder, accept_licence=True)
    record = json.loads((tmp_path / "cache" / "records" / "eat.json").read_text())
    assert set(record) == set(NAMES)
    files.basis.write_bytes(b"tampered")
    with pytest.raises(WeightsError, match=rf"U_mead.*expected sha256:{record['U_mead.npy']}"):
        find_files(folder, accept_licence=True)
    with pytest.raises(WeightsError, match="expected sha256:00ff"):
        find_files(folder, accept_licence=True, sha256={"U_mead.npy": "00FF"})


def test_silence_of_the_official_kind(tmp_path):
    content = np.empty(2, dtype=object)
    content[0] = torch.arange(80.0)
    content[1] = np.ones((16, 29))
    np.save(tmp_path / "pad.npy", content)
    silence = read_silence(tmp_path / "pad.npy")
    assert silence.mel[79] == 79
    assert silence.deep.shape == (16, 29)
    assert read_silence(None).mel[0] == pytest.approx((math.log(1e-5) + 4) / 4)


class Trap:
    def __reduce__(self):
        return (print, ("the file ran code",))


def test_a_pad_file_that_wants_to_run_code_is_refused(tmp_path, capsys):
    content = np.empty(1, dtype=object)
    content[0] = Trap()
    np.save(tmp_path / "pad.npy", content)
    with pytest.raises(WeightsError, match=r"print is no part of an array"):
        read_silence(tmp_path / "pad.npy")
    assert "ran code" not in capsys.readouterr().out
    (tmp_path / "pad.npy").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="does not hold the two arrays"):
        read_silence(tmp_path / "pad.npy")


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
    from emoanim.adapters.face_emoters.eat.prompt import PromptMapper
    from emoanim.testing.golden import fill, load_manifest
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


def test_portraits_keep_their_frames(small_networks, monkeypatch, tmp_path):
    from emoanim.faces import canonical_mesh

    points = canonical_mesh()[0]
    points = points - points.mean(0)
    points[:, 1] *= -1 if points[10, 1] > points[152, 1] else 1
    points = (points * 8 + (200, 160, 0)).astype(np.float32)
    monkeypatch.setattr(emoter, "find_files", lambda *a, **k: None)
    monkeypatch.setattr(still, "load", lambda files, device: small_networks)
    monkeypatch.setattr(still, "emotional_still", lambda n, image, prompts: 255 - image)
    made = EatFaceEmoter(device="cpu")
    made._finder = SimpleNamespace(largest_face=lambda i, s: SimpleNamespace(points=points))
    frames = np.full((2, 320, 400, 3), 40, np.uint8)
    portraits = made.emote(frames, EmotionPrompt.parse("sad"))
    assert [p.emoter for p in portraits] == ["eat", "eat"]
    assert (portraits[0].original == frames[0]).all()
    assert (portraits[0].image[160, 200] == 215).all()
    assert (portraits[0].image[0] == 40).all()
    assert 0 <= portraits[0].quality <= 1

    def nobody(image, size):
        raise FaceError("no face found")

    made._finder = SimpleNamespace(largest_face=nobody)
    with pytest.raises(FaceError, match="frame 0: no face found"):
        made.emote(frames, EmotionPrompt.parse("sad"))
    with pytest.raises(SettingsError, match="no such file"):
        EatFaceEmoter(template=tmp_path / "none.npy")
    np.save(tmp_path / "t.npy", np.zeros((5, 2)))
    with pytest.raises(SettingsError, match=r"shape \(5, 2\) given; expected \(47 or 68, 2\)"):
        EatFaceEmoter(template=tmp_path / "t.npy")


@pytest.mark.slow
def test_from_files_to_a_portrait(golden, media, tmp_path, monkeypatch):
    from emoanim.media import read_image
    from emoanim.testing.golden import fill, load_manifest
    from emoanim.testing.golden.checkpoint_files import write_torch

    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    parts = ("audio2kptransformer", "generator", "kp_detector", "sidetuning", "emotionprompt")
    manifests = [golden / "eat" / f"manifest_{part}.json" for part in parts]
    write_torch(manifests, tmp_path / NAMES[0])
    pose = fill(load_manifest(golden / "sadtalker" / "manifest_he_estimator.json"))
    state = {n: torch.from_numpy(a) for n, a in pose.items()}
    torch.save({"he_estimator": state}, tmp_path / NAMES[1])
    for name in NAMES[2:]:
        shutil.copy(golden / "eat" / name, tmp_path / name)
    made = EatFaceEmoter(weights=tmp_path, accept_licence=True, device="cpu")
    image = read_image(media / "portraits" / "woman_studio.png")
    # a wide margin, which the crop around the head does not reach
    image = np.pad(image, ((300, 300), (300, 300), (0, 0)), mode="edge")
    (portrait,) = made.emote([image], EmotionPrompt.parse("very happy"))
    assert portrait.image.shape == image.shape
    assert (portrait.image != image).any()
    assert (portrait.image[0] == image[0]).all()
