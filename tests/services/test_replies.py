"""Replies kept by what shaped them."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.services import ReplyCache, content_key
from emoanim.services.replies import audio_digest


def test_keys_depend_on_everything_and_on_no_order() -> None:
    assert content_key(a=1, b=2) == content_key(b=2, a=1)
    assert content_key(a=1, b=2) != content_key(a=1, b=3)
    sound = Audio(np.ones(4, np.float32), 8000)
    assert audio_digest(sound) != audio_digest(Audio(sound.samples, 16000))


def test_kept_and_found(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "replies")
    key = content_key(a=1)
    assert cache.get(key) is None
    cache.put(key, {"text": "ja, schön"})
    assert cache.get(key) == {"text": "ja, schön"}
    (file,) = (p for p in (tmp_path / "replies").rglob("*") if p.is_file())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("{half")
    assert cache.get(key) is None


def test_unused(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "replies", used=False)
    cache.put("ab", {"text": "x"})
    assert cache.get("ab") is None
    assert not (tmp_path / "replies").exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = ReplyCache(tmp_path / "file")
    cache.put("abcd", {"text": "x"})
    assert cache.get("abcd") is None


def test_the_usual_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path))
    ReplyCache().put("abcd", {"text": "x"})
    assert (tmp_path / "replies" / "ab" / "abcd.json").exists()
