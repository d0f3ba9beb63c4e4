"""Checkpoint files: what is read, what is refused, and how strictly a network takes them."""

from __future__ import annotations

import hashlib
import pickle

import pytest

from emoanim.errors import SettingsError, WeightsError
from emoanim.weights import checkpoints

torch = pytest.importorskip("torch")
save_file = pytest.importorskip("safetensors.torch").save_file


class Small(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(2, 3, 1)
        self.norm = torch.nn.BatchNorm2d(3)


@pytest.fixture
def state():
    torch.manual_seed(0)
    return Small().state_dict()


def test_safetensors_come_back_as_written(tmp_path, state):
    state["half"] = torch.arange(3, dtype=torch.float16)
    state["odd"] = torch.tensor([True, False, True])
    save_file(state, tmp_path / "a.safetensors")
    back = checkpoints.read(tmp_path / "a.safetensors")
    assert set(back) == set(state)
    for name, tensor in state.items():
        assert back[name].dtype == tensor.dtype
        assert torch.equal(back[name], tensor)


def test_tensors_are_views_of_the_file(tmp_path):
    """Nothing is copied, and what is changed in memory does not change the file."""
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.zeros(2**20), "b": torch.ones(3)}, path)
    back = checkpoints.read(path)
    assert back["b"].data_ptr() - back["a"].data_ptr() == 2**22
    back["b"] += 1
    assert checkpoints.read(path)["b"].tolist() == [1, 1, 1]


def test_misaligned_tensors_are_read(tmp_path):
    header = b'{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
    header += b'"a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}'
    data = b"\x07" + torch.tensor([1.5, -2.0]).numpy().tobytes()
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + data)
    back = checkpoints.read(path)
    assert back["a"].tolist() == [1.5, -2.0]
    assert back["b"].tolist() == [7]


@pytest.mark.parametrize("keep", [4, 40, -8])
def test_half_a_download_is_refused(tmp_path, state, keep):
    path = tmp_path / "a.safetensors"
    save_file(state, path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(WeightsError, match="half downloaded"):
        checkpoints.read(path)


def test_a_torch_file_with_a_key(tmp_path, state):
    torch.save({"epoch": 3, "mapping": state}, tmp_path / "a.pth.tar")
    back = checkpoints.read(tmp_path / "a.pth.tar", key="mapping")
    assert torch.equal(back["conv.weight"], state["conv.weight"])
    with pytest.raises(WeightsError, match="no entry 'network'; it holds: epoch, mapping"):
        checkpoints.read(tmp_path / "a.pth.tar", key="network")
    with pytest.raises(WeightsError, match="something else than named tensors"):
        checkpoints.read(tmp_path / "a.pth.tar")


class Trap:
    def __reduce__(self):
        return (print, ("the file ran code",))


def test_a_file_that_wants_to_run_code_is_refused(tmp_path, capsys):
    torch.save({"a": Trap()}, tmp_path / "trap.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Trap()))
    for name in ("trap.pth", "plain.pth"):
        with pytest.raises(WeightsError, match="wants to run code"):
            checkpoints.read(tmp_path / name)
    assert "ran code" not in capsys.readouterr().out


def test_no_file(tmp_path):
    with pytest.raises(WeightsError, match="no file"):
        checkpoints.read(tmp_path / "none.pth")


def test_a_network_takes_exactly_its_tensors(state):
    network = checkpoints.build(Small, state, "small")
    assert torch.equal(network.conv.weight, state["conv.weight"])
    assert not network.training
    assert not network.conv.weight.requires_grad


def test_counters_may_be_absent(state):
    del state["norm.num_batches_tracked"]
    assert checkpoints.build(Small, state, "small").norm.num_batches_tracked == 0


def test_missing_and_unknown_names_are_listed(state):
    state["extra.weight"] = state.pop("conv.weight")
    with pytest.raises(WeightsError, match=r"small.*lacks conv\.weight and also has extra\.weight"):
        checkpoints.build(Small, state, "small")


def test_shapes_and_dtypes_are_checked(state):
    wrong = {**state, "conv.weight": torch.zeros(3, 2, 3, 3)}
    with pytest.raises(WeightsError, match=r"float32 \(3, 2, 3, 3\), expected float32 \(3, 2, 1"):
        checkpoints.build(Small, wrong, "small")
    wrong = {**state, "conv.bias": state["conv.bias"].double()}
    with pytest.raises(WeightsError, match=r"conv\.bias is float64 \(3,\)"):
        checkpoints.build(Small, wrong, "small")


def test_names_under_a_prefix_and_without_a_part(state):
    prefixed = {f"a.module.{n}": t for n, t in state.items()} | {"b.c": state["conv.bias"]}
    assert set(checkpoints.strip(checkpoints.under(prefixed, "a."), "module.")) == set(state)


@pytest.fixture
def own_file(tmp_path, monkeypatch):
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("EMOANIM_OFFLINE", "1")
    path = tmp_path / "emonet_8.pth"
    path.write_bytes(b"not the official file")
    return path


def test_an_own_file_with_another_hash_is_refused_with_both_hashes(own_file):
    own = hashlib.sha256(own_file.read_bytes()).hexdigest()
    with pytest.raises(WeightsError, match=f"sha256:{own}.*expected git-sha1:6833bfdc"):
        checkpoints.official("emonet_8", own_file, accept_licence=True)
    with pytest.raises(WeightsError, match=f"sha256:{own}; *expected sha256:0123|{own}.*:0123"):
        checkpoints.official("emonet_8", own_file, sha256="0123", accept_licence=True)


def test_the_user_may_name_the_hash_to_trust(own_file):
    own = hashlib.sha256(own_file.read_bytes()).hexdigest()
    given = {"sha256": own.upper(), "accept_licence": True}
    assert checkpoints.official("emonet_8", own_file, **given) == own_file
    assert checkpoints.official("emonet_8", own_file.parent, **given) == own_file


def test_the_environment_variable_is_hashed_too(own_file, monkeypatch):
    monkeypatch.setenv("EMOANIM_WEIGHTS_EMONET_8", str(own_file))
    with pytest.raises(WeightsError, match="expected git-sha1"):
        checkpoints.official("emonet_8", accept_licence=True)


def test_the_licence_comes_first(own_file):
    with pytest.raises(WeightsError, match="CC-BY-NC-ND"):
        checkpoints.official("emonet_8", own_file)


def test_devices():
    assert checkpoints.device_named("cpu").type == "cpu"
    assert checkpoints.device_named("auto").type in ("cpu", "cuda", "mps")
    with pytest.raises(SettingsError, match="'tpu' given; this machine has: cpu"):
        checkpoints.device_named("tpu")
