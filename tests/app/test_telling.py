"""What a visitor is told: stages, errors, EDD in plain words."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from emoanim.app import markup
from emoanim.app.comparing import edd_in_words
from emoanim.app.jobs import Done, watched
from emoanim.app.stages import Stages, stages_of_speaking
from emoanim.clips import EmotionScores
from emoanim.scoring import compare_scores
from emoanim.steps import Step, StepHook


def test_stages_say_where_a_job_is() -> None:
    stages = Stages(stages_of_speaking(film=True, scored=False))
    assert stages.said == "Working"
    stages.follow([Step("speak", "x", 1, 1), Step("pick", None, 1, 1), Step("emote", None, 0, 1)])
    assert stages.said == "Putting the emotion on the face"
    stages.follow([Step("emote", [], 1, 1), Step("animate", None, 45, 100), Step("odd", 0, 1, 2)])
    assert stages.said == "Animating, 40 percent"
    assert "own movement" not in stages.html()  # this animator did not prepare
    assert 'value="0.450"' in stages.html()
    stages.finish()
    assert stages.said == "Done"
    assert stages.html().count("✓") == 4


def test_a_job_is_watched_to_its_end() -> None:
    def work(hook: StepHook) -> int:
        for i in range(1, 101):
            hook(Step("animate", None, i, 100))
        return 7

    *come, done = watched(work, lambda: False)
    assert done == Done(7)
    steps = [step for lot in come for step in lot]
    assert steps[-1] == Step("animate", None, 100, 100)
    assert len(steps) < 100  # those that were overtaken are left out


def test_a_job_that_fails_says_so_and_one_that_is_left_ends() -> None:
    def fail(hook: StepHook) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(watched(fail, lambda: False))
    ended = threading.Event()

    def endless(hook: StepHook) -> None:
        try:
            while True:
                hook(Step("animate", None, 1, 2))
        finally:
            ended.set()

    job = watched(endless, lambda: False)
    next(job)
    job.close()
    assert ended.wait(10)


def scores(values: list[float]) -> EmotionScores:
    column = np.asarray(values)
    times = np.arange(len(column)) / 25.0
    return EmotionScores(("happy", "sad"), np.stack([column, 1 - column], 1), times, "tiny")


def test_edd_in_plain_words() -> None:
    rng = np.random.default_rng(0)
    low, high = rng.uniform(0.0, 0.4, 100), rng.uniform(0.6, 1.0, 100)
    said = edd_in_words(compare_scores(scores(list(low)), scores(list(high)), "happy"))
    assert said[1].startswith("EDD is 0.00 (0 ranks fully separated, 0.5 no change")
    assert "of 100 pairs" in said[1]
    assert "the higher probability of happy in 100, by however little" in said[1]
    shares = f"happy {low.mean():.0%} in the original and {high.mean():.0%} in the new clip"
    assert shares in " ".join(said)
    back = edd_in_words(compare_scores(scores(list(high)), scores(list(low)), "happy"))
    assert "the higher probability of happy in 0," in back[1]
    assert any("less of the emotion" in sentence for sentence in back)


def test_a_target_that_is_hardly_there_is_said_before_the_number() -> None:
    rng = np.random.default_rng(0)
    low, high = rng.uniform(0.0, 0.001, 100), rng.uniform(0.01, 0.02, 100)
    change = compare_scores(scores(list(low)), scores(list(high)), "happy")
    assert change.edd.edd == 0.0
    said = edd_in_words(change)
    assert "happy less than 1% in the original" in said[0]
    assert "comes first in 0% of the moments before and 0% after" in said[0]
    assert said[0].endswith("Most moments are read as sad (100%).")
    assert sum("sad (100%)" in sentence for sentence in said) == 1


def test_what_came_in_is_escaped() -> None:
    html = markup.failure('no such file "<b>x</b>"') + markup.notes(["<i>"], "<u>")
    assert "<b>" not in html
    assert "<i>" not in html
    assert "<u>" not in html


def test_without_a_classifier_the_page_says_how_to_get_one(tmp_path: Path) -> None:
    assert "emoanim doctor" in markup.compared(None, tmp_path, str, "happy")
