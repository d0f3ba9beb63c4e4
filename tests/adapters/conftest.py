"""What the tests of several backends share."""

from __future__ import annotations

import pytest


@pytest.fixture
def waits() -> list[float]:
    """The seconds that a service's policy would have waited, in order."""
    return []
