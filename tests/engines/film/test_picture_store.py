"""The pictures of a film: in memory, or on disk where they are large."""

from __future__ import annotations

import tempfile
import tracemalloc

import cv2
import numpy as np
import pytest

from emoanim.clips import Image
from emoanim.engines.film.picture_store import PictureStore

FULL_HD = (1080, 1920)


def pictures(shape: tuple[int, int], count: int) -> list[Image]:
    """Return smooth pictures with grain, each of its own brightness."""
    rng = np.random.default_rng(0)
    grain = rng.integers(0, 30, (*shape, 3), np.uint8)
    return [grain + np.uint8(40 * k) for k in range(count)]


@pytest.mark.parametrize("shape", [(96, 128), FULL_HD])
def test_pictures_come_back_in_any_order(shape: tuple[int, int]) -> None:
    store = PictureStore()
    given = pictures(shape, 4)
    for picture in given:
        store.add(picture)
    assert len(store) == 4
    for index in (3, 0, 2, 0, 1):
        apart = cv2.absdiff(store[index], given[index]).mean(axis=(0, 1))
        # The grain's colour is halved in its resolution; its brightness stays.
        assert apart.max() < 9.0
        assert np.abs(store[index].mean() - given[index].mean()) < 0.5


@pytest.mark.parametrize(("shape", "in_memory"), [((720, 1280), True), (FULL_HD, False)])
def test_large_pictures_are_not_held_in_memory(shape: tuple[int, int], in_memory: bool) -> None:
    given = pictures(shape, 3)
    store = PictureStore()
    tracemalloc.start()
    try:
        for picture in given:
            store.add(picture)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert (held > 300_000) == in_memory
    assert store[2].shape == (*shape, 3)


def test_without_room_for_a_file_they_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    store = PictureStore()
    given = pictures(FULL_HD, 2)
    for picture in given:
        store.add(picture)
    assert np.abs(store[1].mean() - given[1].mean()) < 0.5
