"""The page stands alone and says what the evaluation says."""

from __future__ import annotations

import base64
import errno
import math
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from synthetic_talk import talk

from emoanim.errors import OutputError
from emoanim.evaluation import compare
from emoanim.evaluation.observation import Observation
from emoanim.evaluation.plots import bars, densities, roc, svg, timelines, two_timelines
from emoanim.evaluation.report import check_report, render_report, write_report

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

from matplotlib.figure import Figure
from matplotlib.text import Text

Make = Callable[..., Observation]


class Tags(HTMLParser):
    """Collects tags and what they refer to; complains of any that is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.links += [v or "" for k, v in attrs if k in ("src", "href")]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_else(tmp_path: Path, observed: Make) -> None:
    pictures = tuple(np.full((8, 8, 3), 40 * i, np.uint8) for i in range(3))
    pair = (
        observed(talk(200, -1.0, 1), "a <b> clip", pictures=pictures),
        observed(talk(150, 1.0, 2), "made", pictures=pictures, psnr=np.full(150, 20.0)),
    )
    found = compare(*pair, "happy")
    path = write_report(tmp_path / "report.html", found)
    page = path.read_text()
    tags = Tags()
    tags.feed(page)
    assert not tags.open
    kinds = [link.partition(";base64,")[0] for link in tags.links]
    assert sorted(kinds) == ["data:image/jpeg"] * 6 + ["data:image/svg+xml"] * 6
    assert not {"script", "link", "iframe"} & set(tags.names)
    assert "url(" not in page
    assert "a &lt;b&gt; clip" in page
    assert f"{found.edd:.3f}" in page
    drawn = [ElementTree.fromstring(text) for text in drawings(page)]
    assert all(root.tag.endswith("svg") for root in drawn)
    assert not [e for root in drawn for e in root.iter() if e.tag.endswith(("script", "image"))]
    assert render_report(found) == page
    for warning in found.warnings:
        assert warning in page
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_what_is_missing_is_said_not_drawn(observed: Make) -> None:
    scores = talk(30, 0.0, 1)
    empty = type(scores)(scores.labels, np.full((30, 4), np.nan), scores.times, "one")
    reasons = {"embeddings": "not asked for", "sharpness": "no scikit-image"}
    page = render_report(
        compare(
            observed(scores, embeddings=np.zeros((0, 128)), sharpness=np.zeros(0), reasons=reasons),
            observed(empty, embeddings=np.zeros((0, 128))),
            "happy",
        )
    )
    assert "nan" not in re.sub(r"data:[^\"]*", "", page).lower()
    assert "holds no pictures" in page
    assert "no scikit-image" in page
    assert "not asked for" in page
    assert len(drawings(page)) == 4  # timelines and bars, but no distribution and no ROC


@pytest.mark.parametrize("name", ["report.txt", "none/report.html"])
def test_where_it_cannot_be_written(tmp_path: Path, observed: Make, name: str) -> None:
    found = compare(observed(talk(30, 0.0, 1)), observed(talk(30, 0.0, 1)), "happy")
    with pytest.raises(OutputError):
        write_report(tmp_path / name, found)
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        write_report(tmp_path / "folder.html", found)
    with pytest.raises(OutputError, match="is a folder"):  # before any work
        check_report(tmp_path / "folder.html")
    assert [p.name for p in tmp_path.iterdir()] == ["folder.html"]


def test_a_full_disk_leaves_the_old_report(
    tmp_path: Path, observed: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = compare(observed(talk(30, 0.0, 1)), observed(talk(30, 0.0, 1)), "happy")
    path = tmp_path / "report.html"
    path.write_text("of an earlier run")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"cannot be written \(No space left"):
        write_report(path, found)
    assert path.read_text() == "of an earlier run"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def drawings(page: str) -> list[str]:
    found = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', page)
    return [base64.b64decode(text).decode() for text in found]


def lines_of(figure: Figure) -> list[NDArray[np.float64]]:
    """The lines of a plot as (n, 2), NaN where they break."""
    (axes,) = figure.axes
    return [np.asarray(line.get_xydata(), np.float64) for line in axes.lines]


def words_of(figure: Figure) -> dict[str, Text]:
    figure.canvas.draw()  # puts everything into its place
    return {t.get_text(): t for t in figure.axes[0].findobj(Text) if t.get_text()}


def test_a_line_breaks_where_there_is_no_face() -> None:
    values = np.full((30, 2), 0.5)
    values[10:15] = np.nan
    whole = timelines(np.arange(30) / 25.0, values, ("happy", "odd label"), target="happy")
    happy, odd = whole.axes[0].lines
    assert np.isnan(lines_of(whole)[0][:, 1]).nonzero()[0].tolist() == list(range(10, 15))
    assert happy.get_linewidth() > odd.get_linewidth()
    assert (happy.get_color(), odd.get_color()) == ("#e0a100", "#444444")
    one = timelines(np.zeros(1), np.array([[0.2, math.nan]]), ("happy", "sad"), target="happy")
    assert [line.get_marker() for line in one.axes[0].lines] == ["o", "o"]


def test_a_long_clip_is_thinned_to_means() -> None:
    values = np.tile([[0.2], [0.6]], (3000, 1))
    values[:40] = np.nan
    line = lines_of(timelines(np.arange(6000) / 25.0, values, ("happy",), target="happy"))[0]
    assert len(line) == 600
    known = line[~np.isnan(line[:, 1]), 1]
    assert len(known) == 596
    assert known == pytest.approx(0.4)


def test_distributions_are_shares() -> None:
    figure = densities(np.full(10, 0.11), np.linspace(0.0, 1.0, 400), emotion="happy")
    original, generated = (patch.get_xy() for patch in figure.axes[0].patches)
    assert original[:, 1].max() == pytest.approx(100.0)  # all of its frames lie in one bin
    assert generated[:, 1].max() == pytest.approx(2.5, abs=0.5)


def test_the_distribution_names_the_edd_and_both_means() -> None:
    figure = densities(
        np.full(9, 0.1), np.full(9, 0.9), emotion="happy", said=("EDD 0.2", "95%: 0")
    )
    words = words_of(figure)
    assert {"EDD 0.2", "95%: 0", "p(happy)", "frames in %"} <= set(words)
    left, right = (words[f"mean {n}"].get_window_extent() for n in ("original", "generated"))
    assert left.x1 < right.x0
    assert left.x0 > 0
    assert right.x1 < figure.bbox.width


def test_both_clips_share_the_axis_of_time() -> None:
    scores = np.where(np.arange(50) < 10, np.nan, 0.5)
    before = (np.arange(50) / 25.0, scores)
    figure = two_timelines(before, (np.arange(100) / 25.0, np.full(100, 0.9)), emotion="sad")
    first, second = lines_of(figure)
    assert np.isnan(first[:10, 1]).all()
    assert first[49, 0] == second[49, 0]
    assert figure.axes[0].get_xlim() == (0.0, 3.96)


def test_curves_and_bars_are_drawn() -> None:
    axes = np.array([0.0, 0.5, 1.0])
    assert "EDD 0.250" in words_of(roc(axes, np.array([0.0, 1.0, 1.0]), 0.25))
    figure = bars(("happy", "sad"), (0.2, math.nan), (0.4, 0.6), target="happy")
    heights = [patch.get_height() for patch in figure.axes[0].patches]
    assert heights == pytest.approx([0.2, math.nan, 0.4, 0.6], nan_ok=True)
    weights = {t.get_text(): t.get_fontweight() for t in figure.axes[0].get_xticklabels()}
    assert weights == {"happy": "bold", "sad": "normal"}
    ElementTree.fromstring(svg(figure))
    assert svg(figure) == svg(figure)
