"""An avatar is saved and loaded whole, and a file from elsewhere can do no harm."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim.avatar import Avatar, file
from emoanim.errors import InputError, OutputError, SettingsError

Change = dict[str, Any]


def rewritten(source: Path, target: Path, changed: Change | None = None, **arrays: Any) -> Path:
    """Copy an avatar with some of it changed; None leaves an array out."""
    with np.load(source) as loaded:
        held = {name: loaded[name] for name in loaded.files}
    text = json.loads(held["about"].tobytes())
    text.update(changed or {})
    held["about"] = np.frombuffer(json.dumps(text).encode(), np.uint8)
    held.update(arrays)
    kept = {name: value for name, value in held.items() if value is not None}
    with target.open("wb") as out:
        np.savez(out, allow_pickle=True, **kept)
    return target


def test_it_comes_back_as_it_was(avatar_file: Path, tmp_path: Path) -> None:
    avatar = Avatar.load(avatar_file)
    again = Avatar.load(avatar.save(tmp_path / "again.avatar"))
    assert [p.text for p in again.emotions] == ["neutral", "happy", "sad"]
    for one, other in zip(avatar.stills, again.stills, strict=True):
        assert np.array_equal(one.image, other.image)
        assert other.state is not None
    assert again.stills[0].original is again.stills[1].original
    first, second = ([f.image for f in islice(a.say("Yes.", "happy"), 4)] for a in (avatar, again))
    assert np.array_equal(first, second)
    assert len(avatar_file.read_bytes()) < 2_000_000


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"version": 3}, "version 3; this emoanim reads 1 and 2"),
        ({"format": "other"}, "format"),
        ({"extra": 1}, "extra"),
        ({"stills": []}, "stills"),
        ({"seed": -1}, "seed"),
        ({"reference_rate": 0}, "reference_rate"),
    ],
)
def test_a_text_that_is_none(
    avatar_file: Path, tmp_path: Path, about: Change, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Avatar.load(rewritten(avatar_file, tmp_path / "a.avatar", about))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("points_1", None, "lacks 'points_1'"),
        ("points_1", np.zeros((4, 3), np.float32), "not float32"),
        ("points_1", np.full((468, 3), np.nan, np.float32), "points of"),
        ("irises_0", np.zeros((2, 5, 3), np.float32), "not float32"),
        ("picture_0", np.zeros((256, 256), np.uint8), "picture 0 is uint8"),
        ("picture_0", np.zeros((2000, 2000, 3), np.uint8), "2000x2000 pixels"),
        ("picture_0", np.zeros((128, 128, 3), np.uint8), "differ in size"),
        ("reference", np.zeros((2, 9), np.float32), "its voice is"),
        ("reference", np.full(9, np.nan, np.float32), "no numbers"),
        ("about", np.zeros(3, np.float32), "its text is none"),
        ("harm", np.array([{"a": 1}], object), "objects of Python"),
    ],
)
def test_arrays_that_are_none(
    avatar_file: Path, tmp_path: Path, name: str, value: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Avatar.load(rewritten(avatar_file, tmp_path / "a.avatar", **{name: value}))


def test_files_that_are_none(
    avatar_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Avatar.load(tmp_path / "none.avatar")
    cut = tmp_path / "cut.avatar"
    cut.write_bytes(avatar_file.read_bytes()[:-200])
    with pytest.raises(InputError, match="is no avatar"):
        Avatar.load(cut)
    monkeypatch.setattr(file, "LARGEST", 1000)
    with pytest.raises(InputError, match="more than 1000"):
        Avatar.load(avatar_file)


def test_a_file_cannot_have_a_program_run(avatar_file: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    harm = {"name": "command", "options": {"argv": ["touch", str(ran)]}}
    for role in ("voice", "animator"):
        path = rewritten(avatar_file, tmp_path / "a.avatar", {role: harm})
        with pytest.raises(SettingsError, match="may not choose by itself"):
            Avatar.load(path)
    path = rewritten(avatar_file, tmp_path / "a.avatar", {"voice": {"name": "openai-speech"}})
    with pytest.raises(SettingsError, match=r"name it: Avatar.load\(path, voice='openai-speech'"):
        Avatar.load(path)
    assert not ran.exists()


def test_parts_that_were_objects_are_given_again(
    tiny: Avatar, tiny_parts: dict[str, Any], tmp_path: Path
) -> None:
    path = tiny.save(tmp_path / "tiny.avatar")
    with pytest.raises(SettingsError, match="voice that was given as an object"):
        Avatar.load(path)
    parts = {role: tiny_parts[role] for role in ("voice", "animator")}
    assert list(Avatar.load(path, **parts).say("Hello.", "happy"))


def test_it_is_written_whole_or_not_at_all(
    tiny: Avatar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError):
        tiny.save(tmp_path / "tiny.zip")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OutputError, match="No space"):
        tiny.save(tmp_path / "tiny.avatar")
    assert list(tmp_path.iterdir()) == []
