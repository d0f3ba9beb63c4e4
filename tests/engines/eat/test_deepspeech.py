"""DeepSpeech: its frozen graph, its network, its cepstra, and the windows that EAT sees."""

from __future__ import annotations

import frozen_graphs as graphs
import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from emoanim.engines.eat import acoustic_network
from emoanim.engines.eat.acoustic_network import load_network
from emoanim.engines.eat.deep_features import (
    check_length,
    deep_features,
    read_features,
    window_scores,
)
from emoanim.engines.eat.frozen_graph import constant_of, read_graph
from emoanim.engines.eat.mfcc import cepstra, normalised_rows
from emoanim.errors import InputError, SettingsError, WeightsError


@pytest.fixture
def made():
    return graphs.weights()


def rows(count, seed=1):
    return np.random.default_rng(seed).standard_normal((count + 18, 26))


def test_a_graph_is_read_as_it_was_written(made, tmp_path):
    nodes = read_graph(graphs.write_graph(tmp_path / "g.pb", made, forget=(0.5, 1.0)))
    assert np.array_equal(nodes["h1"].value, made["h1"])
    assert np.array_equal(nodes["b2"].value, made["b2"])
    assert nodes["h1/read"].inputs == ("h1",)
    assert nodes["h1/read"].value is None
    assert np.array_equal(constant_of(nodes, "h1/read:0"), made["h1"])
    assert constant_of(nodes, "Relu") is None
    assert constant_of(nodes, "input_node") is None
    forget = "bidirectional_rnn/fw/fw/while/fw/basic_lstm_cell/Const"
    assert float(nodes[forget].value) == 0.5
    dimension = "bidirectional_rnn/fw/fw/while/fw/basic_lstm_cell/split/split_dim"
    assert int(nodes[dimension].value) == 1


def test_values_that_are_repeated_and_negative_numbers(tmp_path):
    same = np.full((2, 3), 0.25, np.float32)
    path = tmp_path / "g.pb"
    path.write_bytes(
        graphs.node("same", "Const", value=same, how="single")
        + graphs.node("minus", "Const", value=np.int32(-1), how="int")
        + graphs.node("text", "Const", value=None)
    )
    nodes = read_graph(path)
    assert np.array_equal(nodes["same"].value, same)
    assert int(nodes["minus"].value) == -1
    assert nodes["text"].value is None


@pytest.mark.parametrize("stretch", [1000, 7, 23])
def test_the_network_computes_what_the_graph_says(made, tmp_path, monkeypatch, stretch):
    """Other bounds and biases than DeepSpeech's: they come from the graph."""
    monkeypatch.setattr(acoustic_network, "_STEPS", stretch)
    path = graphs.write_graph(tmp_path / "g.pb", made, bound=1.25, forget=(0.5, 2.0))
    network = load_network(path)
    x = rows(23)
    with torch.inference_mode():
        found = network(torch.from_numpy(x.astype(np.float32))).numpy()
    expected = graphs.reference(made, x, bound=1.25, forget=(0.5, 2.0))
    assert found.shape == (23, 29)
    assert np.abs(found - expected).max() < 2e-6 * max(1, np.abs(expected).max())
    wrong = graphs.reference(made, x, bound=1.25, forget=(1.0, 1.0))
    assert np.abs(wrong - expected).max() > 1e-3


def test_other_graphs_are_refused(made, tmp_path):
    path = tmp_path / "g.pb"
    cases = [
        ({"without": ("h3", "fw/kernel")}, r"it lacks h3, fw/\.\.\./kernel; its tensors are h1"),
        ({"order": (1, 0, 2, 3)}, "gates are not in the order"),
        ({"order": (0, 1, 3, 2)}, "gates are not in the order"),
    ]
    for options, words in cases:
        with pytest.raises(WeightsError, match=words):
            load_network(graphs.write_graph(path, made, **options))
    shapes = [
        ("h1", (26, graphs.N1), r"h1 has the shape \(26, 12\), expected \(494, 12\)"),
        ("b6", (30,), r"b6 has the shape \(30,\), expected \(29,\)"),
        ("bw/kernel", (5, 28), r"bw/\.\.\./kernel has the shape \(5, 28\)"),
    ]
    for name, shape, words in shapes:
        other = {**made, name: np.ones(shape, np.float32)}
        with pytest.raises(WeightsError, match=words):
            load_network(graphs.write_graph(path, other))
    content = graphs.write_graph(path, made).read_bytes()
    path.write_bytes(content + graphs.node("y", "Const", value=np.float32(9), how="single")
                     + graphs.node("m", "Minimum", "x", "y"))  # fmt: skip
    with pytest.raises(WeightsError, match=r"bounded by \[3\.5, 9\.0\], expected one"):
        load_network(path)


@pytest.mark.parametrize("share", [0.3, 0.77, 0.999])
def test_half_a_graph(made, tmp_path, share):
    path = graphs.write_graph(tmp_path / "g.pb", made)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(WeightsError, match="no whole frozen graph"):
        read_graph(path)


def test_what_is_no_graph(tmp_path):
    path = tmp_path / "g.pb"
    with pytest.raises(WeightsError, match="cannot be read"):
        read_graph(path)
    for content in (b"<html>sign in</html>", bytes(40), b"PK\x03\x04" + bytes(60), b"\xff" * 40):
        path.write_bytes(content)
        with pytest.raises(WeightsError, match="no whole frozen graph"):
            read_graph(path)
    path.write_bytes(graphs.part(4, graphs.whole(1, 24)))
    with pytest.raises(WeightsError, match="holds no nodes"):
        read_graph(path)
    short = graphs.node("h1", "Const", value=np.ones((2, 2), np.float32))
    path.write_bytes(short.replace(np.ones(4, "<f4").tobytes(), np.ones(4, "<f4").tobytes()))
    assert read_graph(path)["h1"].value.shape == (2, 2)


def noise(count, seed=0):
    return (np.random.default_rng(seed).standard_normal(count) * 3000).astype(np.int16)


def plain_cepstra(samples):
    """The definition, sum by sum."""
    x = samples.astype(float)
    x = np.concatenate((x[:1], x[1:] - 0.97 * x[:-1]))
    count = 1 if len(x) <= 400 else 1 + int(np.ceil((len(x) - 400) / 160))
    x = np.concatenate((x, np.zeros(count * 160 + 400)))
    times, bins = np.arange(512), np.arange(257)
    waves = np.exp(-2j * np.pi * np.outer(bins, times) / 512)
    mels = np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 28)
    corners = [int(513 * 700 * (10 ** (m / 2595) - 1) / 16000) for m in mels]
    out = np.zeros((count, 26))
    for k in range(count):
        frame = np.zeros(512)
        frame[:400] = x[160 * k : 160 * k + 400]
        power = np.abs(waves @ frame) ** 2 / 512
        logs = np.zeros(26)
        for b in range(26):
            total = 0.0
            for i in range(corners[b], corners[b + 1]):
                total += power[i] * (i - corners[b]) / (corners[b + 1] - corners[b])
            for i in range(corners[b + 1], corners[b + 2]):
                total += power[i] * (corners[b + 2] - i) / (corners[b + 2] - corners[b + 1])
            logs[b] = np.log(total or np.finfo(float).eps)
        for c in range(26):
            value = sum(logs[b] * np.cos(np.pi * c * (2 * b + 1) / 52) for b in range(26))
            value *= np.sqrt((1 if c == 0 else 2) / 26)
            out[k, c] = value * (1 + 11 * np.sin(np.pi * c / 22))
        out[k, 0] = np.log(power.sum() or np.finfo(float).eps)
    return out


@pytest.mark.parametrize("count", [100, 401, 3000])
def test_cepstra_follow_their_definition(count):
    samples = noise(count)
    assert np.abs(cepstra(samples) - plain_cepstra(samples)).max() < 1e-8


def test_rows_are_normalised_over_all_windows():
    samples = noise(8000)
    every = np.pad(cepstra(samples)[::2], ((9, 9), (0, 0)))
    windows = np.stack([every[k : k + 19] for k in range(len(every) - 18)])
    expected = (every - windows.mean()) / windows.std()
    assert np.abs(normalised_rows(samples) - expected).max() < 1e-10
    assert len(normalised_rows(noise(100))) == 19
    assert np.isfinite(normalised_rows(np.zeros(8000, np.int16))).all()


def test_windows_of_scores():
    scores = np.arange(40, dtype=np.float32)[:, None] + np.zeros(29, np.float32) + 1
    made = window_scores(scores, 20)
    assert made.shape == (20, 16, 29)
    assert made[0, :, 0].tolist() == [0] * 8 + list(range(1, 9))
    assert made[10, :, 3].tolist() == list(range(13, 29))
    assert made[19, :, 0].tolist() == [*range(31, 41), *[0] * 6]
    longer = window_scores(scores[:30], 20)
    assert longer[19, :10, 0].tolist() == [30] * 10


def test_features_of_speech(made, tmp_path):
    network = load_network(graphs.write_graph(tmp_path / "g.pb", made))
    sound = np.random.default_rng(0).standard_normal(16000).astype(np.float32) * 0.1
    found = deep_features(network, sound, 25)
    whole = np.clip(sound * 32768, -32768, 32767).astype(np.int16)
    scores = graphs.reference(made, normalised_rows(whole))
    assert np.abs(found - window_scores(scores.astype(np.float32), 25)).max() < 1e-5
    silent = deep_features(network, np.zeros(1280, np.float32), 2)
    assert silent.shape == (2, 16, 29)
    assert np.isfinite(silent).all()


def test_features_of_the_users_own(tmp_path):
    given = np.ones((4, 16, 29))
    np.save(tmp_path / "f.npy", given)
    assert read_features(tmp_path / "f.npy").dtype == np.float32
    assert read_features(given).shape == given.shape
    with pytest.raises(SettingsError, match=r"shape \(4, 29\) given"):
        read_features(np.ones((4, 29)))
    with pytest.raises(SettingsError, match="floats"):
        read_features(np.ones((4, 16, 29), int))
    (tmp_path / "f.npy").write_bytes(b"half")
    with pytest.raises(SettingsError, match="cannot be read as an array"):
        read_features(tmp_path / "f.npy")
    with pytest.raises(SettingsError, match="cannot be read as an array"):
        read_features(tmp_path / "none.npy")
    check_length(read_features(given), 6)
    with pytest.raises(InputError, match="features of 4 frames given for speech of 7"):
        check_length(read_features(given), 7)
    with pytest.raises(InputError, match="features of 4 frames given for speech of 1"):
        check_length(read_features(given), 1)
