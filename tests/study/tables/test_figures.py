"""Figures of a study."""

from __future__ import annotations

from emoanim.study.tables import figures


def test_the_title_of_the_first_frames_is_whole_with_two_emotions() -> None:
    figure = figures._figure(figures._WIDTH_OF_TITLE, 1.75, 75)
    figure.suptitle("Figure 2: first frame in every emotion")
    figure.draw_without_rendering()
    box = figure._suptitle.get_window_extent()
    assert figure.bbox.x0 <= box.x0
    assert box.x1 <= figure.bbox.x1
