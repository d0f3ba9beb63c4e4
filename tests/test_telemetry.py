"""Offline means offline: watched by system calls, since native code asks no Python socket."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import emoanim
from emoanim import provenance
from emoanim.demo import demo_portrait
from emoanim.media import write_image
from emoanim.telemetry import SWITCHES

_CALLS = re.compile(r"\b(connect|sendto|sendmsg|sendmmsg)\(.*AF_INET|\bbind\(.*AF_INET")
_WRITES = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"([^"]+)", [^)]*O_(?:WRONLY|RDWR|CREAT)')
_OFFLINE = ("whisper", "lexicon", "hibari", "rig", "fer8", "facex")
_HARMLESS = ("/dev/", "/proc/", "/sys/")

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace, which sees native code's calls, is not here"
)


def _watched(code: list[str], folder: Path, **variables: str) -> tuple[list[str], set[str]]:
    """Run a Python command and return its network calls and the files that it wrote."""
    log = folder / "strace.txt"
    home = folder / "home"
    home.mkdir(exist_ok=True)
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in (*SWITCHES, "EMOANIM_CACHE", "XDG_CACHE_HOME")
    }
    environment |= {"HOME": str(home), "TMPDIR": str(folder / "tmp"), "PYTHONPYCACHEPREFIX": ""}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "EMOANIM_OFFLINE": "1", **variables}
    (folder / "tmp").mkdir(exist_ok=True)
    calls = "connect,bind,sendto,sendmsg,sendmmsg,open,openat"
    done = subprocess.run(
        [
            "strace",
            "-f",
            "-qq",
            "-s",
            "400",
            "-e",
            f"trace={calls}",
            "-o",
            str(log),
            sys.executable,
            *code,
        ],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if "ptrace" in done.stderr and "Operation not permitted" in done.stderr:
        pytest.skip("this system does not let strace look")
    assert done.returncode == 0, done.stderr
    lines = log.read_text(errors="replace").splitlines()
    loopback = 'inet_pton(AF_INET6, "::1"'  # urllib3 tries at its import whether IPv6 is there
    network = [line for line in lines if _CALLS.search(line) and loopback not in line]
    written = {
        match[1] for line in lines if (match := _WRITES.search(line)) and " = -1 " not in line
    }
    return network, {path for path in written if not path.startswith(_HARMLESS)}


def _outside(written: set[str], folder: Path) -> set[str]:
    """What was written in no output, cache or temporary folder of the run."""
    caches = ("home/.cache/emoanim", "home/.cache/matplotlib")  # the second: its list of fonts
    inside = (*(str(folder / name) for name in ("out", "tmp", *caches)), "out/")
    return {path for path in written if not path.startswith(inside)}


def test_importing_switches_reports_off() -> None:
    code = (
        "import os, emoanim; from emoanim.telemetry import SWITCHES;"
        "assert all(os.environ[k] == v for k, v in SWITCHES.items())"
    )
    environment = {k: v for k, v in os.environ.items() if k not in SWITCHES}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_what_the_user_set_stays() -> None:
    code = "import os, emoanim; assert os.environ['ORT_DISABLE_TELEMETRY'] == '0'"
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "0"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_every_switch_is_in_the_docs() -> None:
    root = Path(emoanim.__file__).parents[2]
    page = root / "docs" / "privacy.md"
    if not page.is_file():
        pytest.skip("the docs are not beside the package")
    assert all(variable in page.read_text() for variable in SWITCHES)


_SESSION = """
import emoanim, onnxruntime, sys, time
from onnx import TensorProto, helper
value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
made = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value], [made])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
time.sleep(2)
"""


@needs_strace
def test_a_session_of_onnxruntime_asks_nobody(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    network, written = _watched(["-c", _SESSION], tmp_path)
    assert network == []
    assert _outside(written, tmp_path) == set()


@needs_strace
def test_the_watch_sees_what_it_is_to_see(tmp_path: Path) -> None:
    code = (
        "import socket\ntry: socket.getaddrinfo('example.invalid', 80)\nexcept OSError: pass\n"
        "open('stray.txt', 'w').close()"
    )
    network, written = _watched(["-c", code], tmp_path)
    if not any("nameserver" in line for line in Path("/etc/resolv.conf").read_text().splitlines()):
        pytest.skip("this system has no name server to ask")
    assert network
    assert _outside(written, tmp_path) == {"stray.txt"}


_STUDY = """
name = "watched"
clips = ["out/demo/before.mp4"]
emotions = ["happy"]
samples = 1

[systems.local]
preset = "local"

[scoring]
classifier = "fer8"
second = "facex"
words = "none"
voice = "none"
identity = false
every = 5
accept_licence = true
"""


@needs_strace
@pytest.mark.slow
def test_the_commands_of_the_offline_preset_ask_nobody(tmp_path: Path) -> None:
    from emoanim import weights
    from emoanim.registry import backends

    needed = {n for b in backends() if b.name in _OFFLINE for n in b.weights}
    if not all(weights.status(name).ready for name in needed):
        pytest.skip("the offline preset's weights are not in the cache")
    cached = weights.cache_folder()
    out = tmp_path / "out"
    out.mkdir()
    command = ["-m", "emoanim"]
    cache = {"EMOANIM_CACHE": str(cached)}
    write_image(tmp_path / "portrait.png", demo_portrait())
    (tmp_path / "list.csv").write_text("video,emotion\nout/demo/before.mp4,happy\n")
    (tmp_path / "study.toml").write_text(_STUDY)
    runs = [
        ["demo", "-o", "out/demo"],
        ["speak", "out/demo/before.mp4", "-e", "sad", "-o", "out/sad.wav"],
        ["animate", "out/demo/before.mp4", "-e", "angry", "-o", "out/angry.mp4"],
        ["animate", "out/demo/before.mp4", "-e", "sad", "-o", "out/own.mp4", "--preset", "own"],
        ["animate", "out/demo/before.mp4", "-e", "sad", "-o", "out/rig.mp4", "--animator", "rig"],
        ["batch", "list.csv", "-o", "out/batch", "--progress", "none"],
        ["study", "run", "study.toml", "-o", "out/study", "--progress", "none"],
        ["evaluate", "out/demo/before.mp4", "out/angry.mp4", "-e", "angry", "--every", "5",
         "--accept-licence", "--no-identity"],
        ["say", "portrait.png", "we meet on Monday", "-e", "happy", "-o", "out/said.mp4"],
        ["inspect", "out/said.mp4"],
        ["backends"],
        ["doctor"],
    ]  # fmt: skip
    for run in runs:
        network, written = _watched([*command, *run], tmp_path, **cache)
        assert network == [], run[0]
        strays = {p for p in _outside(written, tmp_path) if not p.startswith(str(cached))}
        assert strays == set(), run[0]
    made = [p for p in out.rglob("*") if p.suffix in (".mp4", ".wav", ".png")]
    assert {p.name for p in made} >= {"own.mp4", "rig.mp4", "said.mp4", "sad.wav"}
    unsigned = [p for p in made if provenance.inspect(p).state != "signed"]
    assert [p for p in unsigned if not re.match(r"figure[3-7]_", p.name)] == []  # charts of scores
