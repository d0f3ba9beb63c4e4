"""Messages in files name no folder of the machine that wrote them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emoanim import extras
from emoanim.extras import install_command
from emoanim.portable_messages import portable


@pytest.mark.parametrize("checkout", [None, Path("/srv/check out/emoanim")])
def test_an_install_line_is_everybodys(checkout, monkeypatch):
    monkeypatch.setattr(extras, "checkout_folder", lambda: checkout)
    monkeypatch.setattr("emoanim.portable_messages.checkout_folder", lambda: checkout)
    line = install_command("evaluation")
    assert portable(f"Install it: {line}") == "Install it: pip install 'emoanim[evaluation]'"


def test_folders_have_the_names_that_everybody_has(monkeypatch, tmp_path):
    monkeypatch.setenv("EMOANIM_CACHE", "/data/cache")
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.chdir(tmp_path)
    assert portable("no /data/cache/x.onnx") == "no $EMOANIM_CACHE/x.onnx"
    assert portable("'/home/ada/a.mp4' is gone") == "'~/a.mp4' is gone"
    assert portable(f"{tmp_path}/b.mp4, {sys.executable}") == "./b.mp4, python"
    assert portable("/home/adam/a and /data/cache2") == "/home/adam/a and /data/cache2"
    monkeypatch.setenv("HOME", "/")
    assert portable("/etc/hosts") == "/etc/hosts"
