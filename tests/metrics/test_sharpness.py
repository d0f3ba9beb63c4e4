from __future__ import annotations

import json
import math

import numpy as np
import pytest

from emoanim.metrics import cpbd
from emoanim.metrics.sharpness import _edge_blocks, edge_widths

pytest.importorskip("skimage")


def texture(size=(128, 192), seed=0):
    return np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8)


def blurred(image, times):
    x = image.astype(np.float64)
    for _ in range(times):
        for axis in (0, 1):
            x = (np.roll(x, 1, axis) + 2 * x + np.roll(x, -1, axis)) / 4
    return np.round(x).astype(np.uint8)


def followed(image):
    """Widths as Marziliano's method describes them, edge by edge."""
    rows, columns, widths = edge_widths(image)
    again = []
    for r, c in zip(rows, columns, strict=True):
        sign = -1 if image[r, c + 1] < image[r, c - 1] else 1
        total = 2
        for start, step in ((c - 1, -1), (c + 1, 1)):
            place, reach = start, 0
            while (
                reach < 100
                and 0 <= place + step < image.shape[1]
                and (image[r, place + step] - image[r, place]) * sign * step > 0
            ):
                place, reach = place + step, reach + 1
            total += reach
        again.append(total)
    return widths.tolist(), again


@pytest.mark.parametrize("times", [0, 1, 6])
def test_widths_equal_those_followed_pixel_by_pixel(times):
    widths, again = followed(blurred(texture((40, 70)), times).astype(np.float64))
    assert len(widths) > 50
    assert widths == again


@pytest.mark.parametrize("direction", [1, -1])
def test_long_ramps_stop_at_the_reach(direction):
    # Rising by 0.4 for 150 pixels to both sides of an edge, between flat ends.
    steps = np.concatenate(
        [np.zeros(9), np.full(150, 0.4), [30, 60, 40], np.full(150, 0.4), [0] * 9]
    )
    profile = np.cumsum(steps)[::direction]
    widths, again = followed(np.tile(profile, (20, 1)) + np.arange(20)[:, None] * 1e-3)
    assert widths == again
    assert max(widths) == 202


def test_a_picture_that_only_rises_has_no_angles():
    edge = np.repeat([0.0, 20.0, 100.0, 180.0, 200.0], [30, 1, 1, 1, 31])
    rising = np.tile(edge, (64, 1))
    assert len(edge_widths(rising)[2]) == 0
    assert math.isnan(cpbd(rising, data_range=255).value)
    falling = edge_widths(rising[:, ::-1].copy())[2]
    assert set(falling.tolist()) == {4}
    assert cpbd(rising[:, ::-1], data_range=255).value == 0.0


def test_blur_lowers_it_and_noise_counts_as_sharp():
    values = [cpbd(blurred(texture(), times)).value for times in (0, 1, 4, 20)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.8
    assert values[-1] < 0.2


@pytest.mark.parametrize("kind", ["noise", "smooth", "faint", "half flat", "few edges", "slope"])
def test_rows_searched_first_change_nothing(kind):
    feature = pytest.importorskip("skimage.feature")
    for seed in range(6):
        image = blurred(texture((150, 200), seed), 3).astype(np.float64)
        if kind == "noise":
            image = texture((150, 200), seed).astype(np.float64)
        elif kind == "smooth":
            image = blurred(image, 60).astype(np.float64)
        elif kind == "faint":
            image = np.round(image / 255 * (seed + 1)) * 0.1
        elif kind == "half flat":
            image[:, 70:] = 40.0
        elif kind == "few edges":
            image[:] = 40.0
            image[30 : 33 + seed, 20 : 24 + seed] = 41.0
        elif kind == "slope":
            # Too gentle for an edge, but 44 rows apart it makes a step.
            image[:] = 40.0 + 0.02 * np.arange(150)[:, None]
        needed = np.ones((2, 3), dtype=bool)
        needed[0] = kind != "slope"
        canny = feature.canny(image)[:128, :192].reshape(2, 64, 3, 64).sum(axis=(1, 3))
        found = _edge_blocks(image, needed)
        np.testing.assert_array_equal(found[needed], (canny > 0.002 * 4096)[needed])


def test_frames_and_colours():
    grey = texture((3, 70, 130))
    result = cpbd(grey)
    assert result.each.shape == (3,)
    assert result.value == pytest.approx(np.mean([cpbd(g).value for g in grey]))
    assert result.method == "CPBD at 130x70, mean over frames"
    rgb = np.repeat(grey[..., None], 3, axis=-1)
    assert cpbd(rgb).value == result.value
    assert cpbd(rgb[0]).value == cpbd(grey[0]).value
    tinted = rgb.copy()
    tinted[..., 2] //= 2
    assert cpbd(tinted).n == 3


def test_undefined_frames_say_why():
    flat = np.full((64, 64), 90, dtype=np.uint8)
    assert cpbd(flat).reason == "no frame has an edge of measurable width"
    assert "63x63 are smaller than a block" in cpbd(texture((63, 63))).reason
    assert cpbd(np.zeros((0, 64, 64), np.uint8)).reason == "no frames given"
    assert cpbd(flat, reference=True).value == 0.0
    both = cpbd(np.stack([flat, texture((64, 64))]))
    assert both.n == 1
    assert math.isnan(both.each[0])


@pytest.mark.parametrize(
    ("frames", "options", "message"),
    [
        (np.zeros(5), {}, r"shape \(5,\)"),
        (np.zeros((64, 64)), {}, "float64 given without data_range"),
        (np.zeros((64, 64), dtype=complex), {}, "dtype complex128"),
        (
            np.full((64, 64), 256.0),
            {"data_range": 255},
            "values from 256 to 256 given; expected 0 to 255",
        ),
        (np.full((64, 64), 1.25), {"data_range": 1.0}, "1.25 given; expected 0 to 1"),
        (np.full((64, 64), np.nan), {"data_range": 255}, "values from nan"),
        (np.full((64, 64), 200, np.uint8), {"data_range": -1.0}, "data_range -1.0 given"),
    ],
)
def test_what_is_no_picture_is_refused(frames, options, message):
    with pytest.raises(ValueError, match=message):
        cpbd(frames, **options)


def test_other_ranges_give_the_same():
    data = pytest.importorskip("skimage.data")
    grey = data.camera()
    wanted = cpbd(grey).value
    assert 0.1 < wanted < 1.0
    assert cpbd(grey.astype(np.float64), data_range=255).value == wanted
    assert cpbd(grey / 255, data_range=1.0).value == pytest.approx(wanted, abs=0.01)
    assert cpbd(grey.astype(np.uint16) * 257).value == pytest.approx(wanted, abs=0.01)


def test_a_colour_picture_in_any_form():
    data = pytest.importorskip("skimage.data")
    colour = data.astronaut()
    wanted = cpbd(colour)
    assert (wanted.n, wanted.method) == (1, "CPBD at 512x512, mean over frames")
    opaque = np.concatenate([colour, np.full_like(colour[..., :1], 255)], axis=-1)
    assert cpbd(opaque).value == wanted.value
    assert cpbd(colour[None]).value == wanted.value
    assert cpbd(np.moveaxis(colour[None], -1, 1)).value == wanted.value
    assert cpbd(colour / 255, data_range=1.0).value == wanted.value
    assert cpbd((colour / 255).astype(np.float32), data_range=1.0).value == wanted.value
    assert cpbd(colour.astype(np.uint16) * 257).value == wanted.value


def test_vectors_are_bit_identical(vectors):
    expected = json.loads((vectors / "cpbd_expected.json").read_text())["cpbd_1_0_7"]
    with np.load(vectors / "cpbd_images.npz") as images:
        for name, value in expected.items():
            assert cpbd(images[name], reference=True).value == value, name
