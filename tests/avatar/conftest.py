"""An avatar of the rig, and one of tiny parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim.avatar import Avatar
from emoanim.clips import Image


@pytest.fixture(scope="session")
def avatar_file(portrait: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved avatar in three emotions, prepared once."""
    path = tmp_path_factory.mktemp("avatar") / "ada.avatar"
    return Avatar.prepare(portrait, emotions=["neutral", "happy", "sad"], size=256).save(path)


@pytest.fixture
def tiny(tiny_parts: dict[str, Any]) -> Avatar:
    """An avatar without any model."""
    parts = {role: tiny_parts[role] for role in ("voice", "face_emoter", "animator")}
    picture = np.full((64, 64, 3), 90, np.uint8)
    return Avatar.prepare(picture, emotions=["neutral", "happy"], **parts)
