"""The golden command: what passes, what fails, what is skipped, and what it says about each."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest
from golden_cases import Case, Tolerance, fill, find_cases, replay
from golden_cases.__main__ import main
from golden_cases.fill import checksum_error, random_input

pytestmark = pytest.mark.torch

QUICK = [
    "eat/kp_chain",
    "eat/pose_image",
    "eat/emotionprompt",
    "eat/sidetuning",
    "sadtalker/mel",
    "sadtalker/align",
    "sadtalker/align_512",
    "sadtalker/crop",
    "sadtalker/semantics",
    "sadtalker/audio2exp",
    "sadtalker/audio2pose",
    "sadtalker/mapping_00109",
    "sadtalker/mapping_00229",
    "sadtalker/net_recon",
    "emonet/emonet_5",
]
SLOW = [
    "eat/audio2kptransformer",
    "eat/generator",
    "eat/kp_detector",
    "sadtalker/generator_256",
    "sadtalker/kp_extractor",
    "sadtalker/he_estimator",
]


def passes(golden, name):
    pytest.importorskip("torch")
    outcome = replay(golden / f"{name}.npz")
    assert not outcome.skipped
    assert outcome.passed, (outcome.checks, outcome.divergence)
    assert all(c.passed for c in outcome.checks)


@pytest.mark.parametrize("name", QUICK)
def test_golden(golden, name):
    passes(golden, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_golden_of_the_large_networks(golden, name):
    passes(golden, name)


@pytest.fixture
def folder(tmp_path):
    """A folder with one function's case, right to the last digit."""
    from emoanim.engines.sadtalker import coefficients

    track = np.random.default_rng(0).standard_normal((5, 70)).astype(np.float32)
    np.savez(
        tmp_path / "semantics_5.npz",
        coeff=track,
        target_all=coefficients.target_windows(track),
        source=coefficients.source_window(track[0]),
    )
    return tmp_path


def test_a_folder_that_passes(folder, capsys):
    assert main([str(folder)]) == 0
    out = capsys.readouterr().out
    assert "semantics_5" in out
    assert "target_all" in out
    assert "1 of 1 cases passed" in out


def test_a_wrong_output_fails(folder, capsys):
    with np.load(folder / "semantics_5.npz") as content:
        arrays = dict(content)
    arrays["source"][3, 3] += 0.01
    np.savez(folder / "semantics_5.npz", **arrays)
    assert main([str(folder)]) == 1
    out = capsys.readouterr().out
    assert "BAD source" in out
    assert "error 1.00e-02  allowed 1.00e-06" in out
    assert "failed: " in out


def test_what_is_not_understood_is_named(folder, capsys):
    np.savez(folder / "riddle.npz", a=np.zeros(3))
    np.savez(folder / "net_recon_2.npz", coeff=np.zeros((2, 257)))
    assert main([str(folder)]) == 0
    out = capsys.readouterr().out
    assert "SKIP" in out
    assert "riddle: its name begins with none of" in out
    assert "net_recon_2: no manifest" in out


def test_a_broken_case_does_not_hide_the_others(folder, capsys):
    np.savez(folder / "mel.npz", other=np.zeros(3))
    assert main([str(folder)]) == 1
    out = capsys.readouterr().out
    assert "KeyError" in out
    assert "1 of 2 cases passed" in out


def test_nothing_to_replay(folder, capsys):
    assert main([str(folder), "--only", "x*"]) == 2
    assert main([str(folder), "--skip", "sem*"]) == 2
    assert main([str(folder / "none")]) == 2
    assert "is no folder" in capsys.readouterr().err


def manifest_of(case):
    tensors = []
    for name, shape, kind in case:
        tensors.append({"name": name, "shape": shape, "dtype": "float32", "kind": kind})
    return {"case": "probe", "gain": 2.0, "tensors": tensors}


def test_the_fill_follows_the_recipe():
    manifest = manifest_of(
        [
            ("a.weight", [4, 3], "weight"),
            ("a.bias", [4], "bias"),
            ("n.weight", [4], "gamma"),
            ("n.running_var", [4], "bn_var"),
            ("c.weight_v", [3], "sn_v"),
            ("c.weight_orig", [4, 3], "weight"),
            ("c.weight_u", [4], "sn_u"),
            ("down.weight", [3, 1, 13, 13], "const"),
            ("pos_enc.pos_table", [1, 20, 128], "const"),
        ]
    )
    manifest["tensors"][1]["mult"] = 3.0
    made = fill(manifest)
    assert list(made) == [t["name"] for t in manifest["tensors"]]
    generator = np.random.RandomState(zlib.crc32(b"a.bias"))
    np.testing.assert_allclose(made["a.bias"], generator.standard_normal(4) * 0.15, rtol=1e-6)
    assert 0.75 <= made["n.weight"].min() <= made["n.weight"].max() <= 1.25
    matrix, u, v = (made[f"c.weight_{n}"].astype(float) for n in ("orig", "u", "v"))
    np.testing.assert_allclose(u @ matrix @ v, np.linalg.norm(matrix.T @ u), rtol=1e-6)
    np.testing.assert_allclose(made["down.weight"].sum((1, 2, 3)), 1, rtol=1e-6)
    assert made["pos_enc.pos_table"][0, 0, :4].tolist() == [0, 1, 0, 1]
    with pytest.raises(ValueError, match="unknown kind 'odd'"):
        fill(manifest_of([("x", [1], "odd")]))


def test_checksums_notice_one_changed_number():
    manifest = manifest_of([("a.weight", [40, 30], "weight")])
    made = fill(manifest)
    total = made["a.weight"].astype(float)
    manifest["tensors"][0].update(sum=total.sum(), abs_sum=np.abs(total).sum())
    assert checksum_error(manifest, made)[0] < 1
    made["a.weight"][3, 3] += 0.1
    assert checksum_error(manifest, made) == (pytest.approx(140, rel=0.1), "a.weight")


def test_random_inputs_depend_on_their_tag():
    assert random_input("a", (2, 3), 2.0).shape == (2, 3)
    assert (random_input("a", (5,), 1.0) == random_input("a", (5,), 1.0)).all()
    assert (random_input("a", (5,), 1.0) != random_input("b", (5,), 1.0)).all()


@pytest.fixture
def case(tmp_path):
    full = np.random.default_rng(0).standard_normal((1, 2, 64, 64)).astype(np.float32)
    places = np.array([5, 70, 4099])
    np.savez(
        tmp_path / "x.npz",
        **{
            "k.shape": full.shape,
            "k.stats": [full.mean(), full.std(), full.min(), full.max(), 1.0],
            "k.probe_idx": places,
            "k.probe_val": full.ravel()[places],
            "k.sub32": full[..., ::2, ::2],
            "half_f16": np.float16([1.5]),
        },
    )
    return Case(tmp_path / "x.npz"), full


def test_probes_thinned_maps_and_statistics_are_all_compared(case):
    case, full = case
    limit = Tolerance(relative=1e-5)
    assert case.check("k", full, limit).passed
    for place in (5, 2 * 64 + 4):
        wrong = full.copy()
        wrong.ravel()[place] += 0.01
        assert case.check("k", wrong, limit).error == pytest.approx(0.01, rel=1e-3)
    assert not case.check("k", full + 1e-3, Tolerance(absolute=2e-3, mean=1e-4)).passed
    assert case.check("k", full[0], limit).note.startswith("shape (2, 64, 64), expected")
    assert not case.check("k", full * np.nan, limit).passed


def test_a_few_strays_may_be_allowed(case):
    case, full = case
    wrong = full.copy()
    wrong[0, 0, 0, 0] += 1e-3
    stray = Tolerance(absolute=1e-4, stray=1e-2, stray_absolute=2e-3)
    assert case.check("k", wrong, stray).passed
    wrong[0, 0, 0, 0] += 1e-2
    assert not case.check("k", wrong, stray).passed


def test_inputs_by_name_or_tag(case):
    case, _ = case
    assert case.input("half").dtype == np.float32
    assert case.input_or_random("half", "tag", (9,), 1.0).tolist() == [1.5]
    assert (case.input_or_random("other", "tag", (9,), 3.0) == random_input("tag", (9,), 3.0)).all()
    with pytest.raises(KeyError, match="has no input 'other'"):
        case.input("other")


def test_the_longest_manifest_that_begins_the_name(tmp_path):
    for name in ("mapping", "mapping_00229", "mapping_00229x"):
        (tmp_path / f"manifest_{name}.json").write_text(json.dumps({"case": name, "tensors": []}))
    np.savez(tmp_path / "mapping_00229_b7.npz", a=1)
    found = Case(find_cases(tmp_path)[0])
    assert found.manifest["case"] == "mapping_00229"
    assert found.taps == {}


def test_the_first_divergence_is_named(golden, tmp_path):
    pytest.importorskip("torch")
    for name in ("manifest_audio2exp.json", "taps_audio2exp.json", "audio2exp.npz"):
        (tmp_path / name).write_bytes((golden / "sadtalker" / name).read_bytes())
    taps = json.loads((tmp_path / "taps_audio2exp.json").read_text())
    taps["audio_encoder.4"]["mean"] += 1
    (tmp_path / "taps_audio2exp.json").write_text(json.dumps(taps))
    with np.load(tmp_path / "audio2exp.npz") as content:
        arrays = {**content, "exp": content["exp"] + 1}
    np.savez(tmp_path / "audio2exp.npz", **arrays)
    outcome = replay(tmp_path / "audio2exp.npz")
    assert not outcome.passed
    assert "at audio_encoder.4: mean" in outcome.divergence
    taps["audio_encoder.4"]["mean"] -= 1
    (tmp_path / "taps_audio2exp.json").write_text(json.dumps(taps))
    assert "recorded points of the plain network agree" in (
        replay(tmp_path / "audio2exp.npz").divergence
    )


def test_recorded_outputs_that_nothing_is_compared_with_are_named(golden, tmp_path, capsys):
    pytest.importorskip("torch")
    manifest = "manifest_audio2exp.json"
    (tmp_path / manifest).write_bytes((golden / "sadtalker" / manifest).read_bytes())
    with np.load(golden / "sadtalker" / "audio2exp.npz") as content:
        arrays = dict(content)
    del arrays["mel"]
    with np.load(golden / "sadtalker" / "audio2exp.npz") as content:
        arrays["mel_f32"] = content["mel"]
    arrays["other.shape"] = np.array([3])
    np.savez(tmp_path / "audio2exp_again.npz", **arrays)
    assert main([str(tmp_path)]) == 0
    assert "not compared: other" in capsys.readouterr().out
