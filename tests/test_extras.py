"""Optional packages: what is missing names one command that works where it is read."""

from __future__ import annotations

import shutil
import sys
import tomllib
import warnings
from pathlib import Path

import pytest

from emoanim import extras
from emoanim.errors import MissingExtraError
from emoanim.extras import LOCAL, install_command, require
from emoanim.registry import BackendInfo, backends

ROOT = Path(__file__).parents[1]


@pytest.fixture
def pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pip of this environment is the first on the path."""
    (tmp_path / "pip").write_text("")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(shutil, "which", lambda _: str(tmp_path / "pip"))
    return tmp_path


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a wheel: no source tree around."""
    monkeypatch.setattr(extras, "__file__", str(tmp_path / "lib" / "emoanim" / "extras.py"))


@pytest.mark.usefixtures("pip", "installed")
def test_a_part_of_the_offline_preset_comes_with_the_others() -> None:
    assert {install_command(extra) for extra in LOCAL} == {"pip install 'emoanim[local]'"}
    assert install_command("fer8") == "pip install 'emoanim[fer8]'"
    names = ("whisper", "hibari", "rig")
    found = {b.install for b in backends() if b.name in names}
    assert found == {"pip install 'emoanim[local]'"}
    with pytest.raises(MissingExtraError, match=r"Install it: pip install 'emoanim\[local\]'"):
        require("no_such_module", "rig")


@pytest.mark.usefixtures("pip")
def test_a_checkout_installs_from_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert install_command("rig") == "pip install -e '.[local]'"
    monkeypatch.chdir(tmp_path)
    assert install_command("rig") == f"pip install -e '{ROOT}[local]'"
    assert BackendInfo("voice", "a", "b:C", extra="eat").install.endswith("[eat]'")


@pytest.mark.usefixtures("installed")
def test_another_pip_on_the_path_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/pip")
    assert install_command("rig") == ".venv/bin/python -m pip install 'emoanim[local]'"
    monkeypatch.setattr(extras.importlib.util, "find_spec", lambda _: None)
    assert install_command("rig") == "uv pip install 'emoanim[local]'"


def test_the_extras_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    assert optional["local"] == [f"emoanim[{','.join(LOCAL)}]"]
    (everything,) = optional["all"]
    named = set(everything.removeprefix("emoanim[").rstrip("]").split(","))
    while rest := {n for n in named if len(optional[n]) == 1 and "emoanim[" in optional[n][0]}:
        for name in rest:
            named |= set(optional[name][0].removeprefix("emoanim[").rstrip("]").split(","))
        named -= rest
    groups = {n for n, needs in optional.items() if any("emoanim[" in need for need in needs)}
    assert named == set(optional) - groups
    assert {b.extra for b in backends() if b.extra} <= set(optional)


@pytest.mark.usefixtures("pip")
def test_a_folder_with_half_of_a_checkout_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a wheel lies beside some project's own pyproject.toml."""
    monkeypatch.setattr(extras, "__file__", str(tmp_path / "lib" / "emoanim" / "extras.py"))
    (tmp_path / "pyproject.toml").write_text("")
    assert install_command("rig") == "pip install 'emoanim[local]'"


def test_a_notebook_without_widgets_is_no_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What tqdm, which some packages draw their bars with, says then is nobody's concern."""
    said = "IProgress not found. Please update jupyter and ipywidgets."
    (tmp_path / "draws_bars.py").write_text(f"import warnings; warnings.warn({said!r})")
    monkeypatch.syspath_prepend(tmp_path)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        require("draws_bars", "local")
        assert not heard
