"""The rig on the public-domain portrait that ships with the package: a real, smiling face."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.demo import demo_portrait
from emoanim.emotions import Emotion
from emoanim.engines.rig.expressions.expression import own_expression
from emoanim.engines.rig.expressions.presets import PRESETS
from emoanim.engines.rig.mouth.inside import MouthInterior, mouth_plane
from emoanim.engines.rig.mouth.teeth_edge import DENSITY, SPAN
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.faces import FaceFinder, mouth_openness

Image = NDArray[np.uint8]


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="module")
def portrait() -> Image:
    return demo_portrait()


@pytest.fixture(scope="module")
def renderer(finder: FaceFinder, portrait: Image) -> FaceRenderer:
    return FaceRenderer(portrait, finder.largest_face(portrait).points)


def test_the_smile_is_measured_and_gone_when_measured_again(
    finder: FaceFinder, portrait: Image, renderer: FaceRenderer
) -> None:
    assert renderer.baseline["12L"] > 1.0
    assert renderer.baseline["12R"] > 1.0
    neutral = finder.largest_face(renderer.render({})).points
    again = own_expression(neutral)
    assert again.get("12L", 0.0) < 0.55 * renderer.baseline["12L"]
    assert mouth_openness(neutral) < 0.5 * mouth_openness(finder.largest_face(portrait).points)


def test_the_mesh_sees_a_surprised_mouth_and_brow(
    finder: FaceFinder, renderer: FaceRenderer
) -> None:
    calm = finder.largest_face(renderer.render({})).points
    made = finder.largest_face(renderer.render(PRESETS[Emotion.SURPRISE])).points
    height = np.ptp(calm[:, 1])
    assert mouth_openness(made) > mouth_openness(calm) + 0.05
    for brow, eye in ((105, 33), (334, 263)):
        before, after = calm[eye, 1] - calm[brow, 1], made[eye, 1] - made[brow, 1]
        assert after > before + 0.01 * height


def test_no_second_row_of_teeth_shows_below_her_own(finder: FaceFinder, portrait: Image) -> None:
    points = finder.with_lips(portrait, finder.largest_face(portrait)).points
    mouth = MouthInterior.of(portrait, points)
    assert mouth.shown > 0.4  # her own teeth, down to the lower lip
    plane = mouth_plane(points)
    lip = float((plane[:, :2] @ points[14, :2] + plane[:, 2])[1])
    above, below = (mouth.teeth[int((lip + y - SPAN[2]) * DENSITY), :, 3] for y in (-0.2, 0.05))
    assert above.max() > 0.95
    assert below.max() < 0.3


def test_only_the_face_and_the_neck_change(
    finder: FaceFinder, portrait: Image, renderer: FaceRenderer
) -> None:
    left, top, right, bottom = finder.largest_face(portrait).box
    margin = 0.2 * (right - left)
    for emotion in Emotion:
        made = renderer.render(PRESETS[emotion])
        rows, columns = np.nonzero(np.abs(made.astype(int) - portrait).max(-1) > 1)
        assert top - margin < rows.min()
        assert rows.max() < bottom + 2 * margin
        assert left - margin < columns.min()
        assert columns.max() < right + margin


def test_brightness_stays_that_of_the_person(
    finder: FaceFinder, portrait: Image, renderer: FaceRenderer
) -> None:
    left, top, right, bottom = (int(v) for v in finder.largest_face(portrait).box)
    face = np.s_[top:bottom, left:right]
    for emotion in Emotion:
        made = renderer.render(PRESETS[emotion])
        assert made[face].mean() == pytest.approx(portrait[face].mean(), rel=0.08)
