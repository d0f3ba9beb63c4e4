"""The loaded finder and a real face."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.demo import demo_portrait
from emoanim.faces import Face, FaceFinder


@pytest.fixture(scope="session")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.fixture(scope="session")
def portrait() -> NDArray[np.uint8]:
    """The public-domain portrait of the package, 512 x 512."""
    return demo_portrait()


@pytest.fixture(scope="session")
def face(finder: FaceFinder, portrait: NDArray[np.uint8]) -> Face:
    return finder.largest_face(portrait)
