"""The page stands alone and says what the evaluation says."""

from __future__ import annotations

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
from synthetic_talk import talk

from emoanim.errors import OutputError
from emoanim.evaluation import compare
from emoanim.evaluation.observation import Observation
from emoanim.evaluation.plots import bars, densities, roc, timelines, two_timelines
from emoanim.evaluation.report import check_report, render_report, write_report

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
    assert len(tags.links) == 6
    assert all(link.startswith("data:image/jpeg;base64,") for link in tags.links)
    assert not {"script", "link", "iframe"} & set(tags.names)
    assert "url(" not in page
    assert "a &lt;b&gt; clip" in page
    assert f"{found.edd:.3f}" in page
    assert tags.names.count("svg") == 6
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ElementTree.fromstring(svg)
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
    assert page.count("<svg") == 4  # timelines and bars, but no distribution and no ROC


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


def lines_of(svg: str) -> list[list[tuple[float, float]]]:
    found = re.findall(r'<polyline points="([^"]*)"', svg)
    return [[tuple(map(float, p.split(","))) for p in line.split()] for line in found]  # type: ignore[misc]


def test_a_line_breaks_where_there_is_no_face() -> None:
    values = np.full((30, 2), 0.5)
    values[10:15] = np.nan
    whole = timelines(np.arange(30) / 25.0, values, ("happy", "odd label"), target="happy")
    assert [len(line) for line in lines_of(whole)] == [10, 15, 10, 15]
    one = timelines(np.zeros(1), np.array([[0.2, math.nan]]), ("happy", "sad"), target="happy")
    assert one.count("<circle") == 1


def test_a_long_clip_is_thinned_to_means() -> None:
    values = np.tile([[0.2], [0.6]], (3000, 1))
    values[:40] = np.nan
    line = lines_of(timelines(np.arange(6000) / 25.0, values, ("happy",), target="happy"))[0]
    assert len(line) <= 600
    heights = {round(y, 1) for _, y in line}
    assert len(heights) == 1


def test_distributions_are_shares() -> None:
    svg = densities(np.full(10, 0.11), np.linspace(0.0, 1.0, 400), emotion="happy")
    highest = [min(y for _, y in line) for line in lines_of(svg)]
    assert highest[0] < highest[1]  # all original frames lie in one bin, so its share is higher


def test_the_distribution_names_the_edd_and_both_means() -> None:
    svg = densities(np.full(9, 0.1), np.full(9, 0.9), emotion="happy", said=("EDD 0.2", "95%: 0"))
    words = re.findall(r"<text x=\"([0-9.]+)\"[^>]*>([^<]*)</text>", svg)
    places = {word: float(x) for x, word in words}
    assert {"EDD 0.2", "95%: 0", "p(happy)", "frames in %"} <= set(places)
    assert 0 < places["mean original"] < places["mean generated"] < 560


def test_both_clips_share_the_axis_of_time() -> None:
    scores = np.where(np.arange(50) < 10, np.nan, 0.5)
    before = (np.arange(50) / 25.0, scores)
    first, second = lines_of(
        two_timelines(before, (np.arange(100) / 25.0, np.full(100, 0.9)), emotion="sad")
    )
    assert (len(first), len(second)) == (40, 100)
    assert first[-1][0] == pytest.approx(second[49][0])
    assert first[0][1] > second[0][1]  # further down: less of the emotion


def test_curves_and_bars_are_drawn() -> None:
    axes = np.array([0.0, 0.5, 1.0])
    assert "EDD 0.250" in roc(axes, np.array([0.0, 1.0, 1.0]), 0.25)
    svg = bars(("happy", "sad"), (0.2, math.nan), (0.4, 0.6), target="happy")
    assert svg.count("<rect") == 3
    ElementTree.fromstring(svg)
