from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys

import numpy as np
import pytest

import emoanim.metrics

MODULES = [m.name for m in pkgutil.iter_modules(emoanim.metrics.__path__, "emoanim.metrics.")]


def test_numpy_is_all_that_is_imported():
    code = (
        "import sys, emoanim.metrics;"
        "print(*sorted({m.split('.')[0] for m in sys.modules} & "
        "{'scipy','sklearn','skimage','torch','av','cv2','pydantic','matplotlib','pandas'}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == ""


def test_every_name_is_there_and_no_module_hides_a_function():
    for name in emoanim.metrics.__all__:
        assert hasattr(emoanim.metrics, name)
    assert list(emoanim.metrics.__all__) == sorted(set(emoanim.metrics.__all__), key=_as_ruff)
    assert not {m.rsplit(".", 1)[1] for m in MODULES} & set(emoanim.metrics.__all__)


def _as_ruff(name):
    # Constants, then classes, then functions.
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")
@pytest.mark.parametrize("name", MODULES)
def test_doctests(name):
    if name.endswith("sharpness"):
        pytest.importorskip("skimage")
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


def test_a_result_is_shown_in_a_line():
    many = emoanim.metrics.Measured(0.123456789, "PSNR", 900, np.arange(900.0))
    assert repr(many) == "Measured(0.123457, 'PSNR', n=900)"
    none = emoanim.metrics.Measured(float("nan"), "SSIM", 0, reason="no frames given", notes=("a",))
    assert repr(none) == "Measured(nan, 'SSIM', n=0, reason='no frames given', notes=('a',))"
    assert len(str(many)) < 80
