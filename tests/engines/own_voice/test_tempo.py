from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emoanim.engines.own_voice import Take
from emoanim.engines.own_voice.tempo import Tempo
from emoanim.sound.emotional_cues import Cues

SLOW = Cues(pace=0.8, pause=1.6, breaks=1.0, stretch=0.2)


def plan(take: Take, talked: Any, cues: Cues, longest: float | None = None) -> Tempo:
    return Tempo.of(take.level, talked.phones, talked.words, cues, longest)


def lengths(tempo: Tempo, talked: Any) -> list[float]:
    """New over old length of every sound."""
    new = tempo.moved(talked.phones)
    return [(n.end - n.start) / (o.end - o.start) for n, o in zip(new, talked.phones, strict=True)]


def test_no_cues_leave_time_alone(take: Take, talked: Any) -> None:
    tempo = plan(take, talked, Cues())
    assert tempo.duration == pytest.approx(talked.audio.duration, abs=1e-3)
    assert not tempo.breaks
    assert lengths(tempo, talked) == pytest.approx([1.0] * len(talked.phones), abs=1e-6)


def test_vowels_take_the_pace_and_bursts_none(take: Take, talked: Any) -> None:
    change = dict(
        zip(
            [p.symbol for p in talked.phones],
            lengths(plan(take, talked, Cues(pace=0.8)), talked),
            strict=True,
        )
    )
    assert change["AA"] > change["S"] > 1.02
    assert change["AA"] == pytest.approx(1.31, abs=0.03)
    assert change["P"] < 1.0 + 0.5 * (change["EH"] - 1.0)


def test_pauses_inside_grow_and_those_at_the_ends_stay(take: Take, talked: Any) -> None:
    change = lengths(plan(take, talked, Cues(pause=1.5)), talked)
    assert change[9] == pytest.approx(1.5, abs=0.05)
    assert change[0] == pytest.approx(1.0, abs=0.02)
    assert change[-1] == pytest.approx(1.0, abs=0.02)


def test_a_phrase_breaks_after_a_mark(take: Take, talked: Any) -> None:
    tempo = plan(take, talked, Cues(breaks=1.0))
    ((place, seconds),) = tempo.breaks
    assert place == pytest.approx(talked.words[0].end, abs=0.041)
    assert tempo.duration - talked.audio.duration == pytest.approx(seconds, abs=0.02)
    time = np.arange(0.0, tempo.duration, 0.005)
    hush = tempo.hush(time)
    assert hush.max() == pytest.approx(1.0)
    assert 0.5 * seconds < (hush > 0.5).sum() * 0.005 < 1.3 * seconds


def test_beside_a_break_nothing_is_drawn_out_or_silenced(take: Take, talked: Any) -> None:
    tempo = plan(take, talked, Cues(breaks=1.0))
    ((place, _),) = tempo.breaks
    stretch = np.diff(tempo.new_edges) / np.diff(tempo.old_edges)
    away = np.abs((tempo.old_edges[1:] + tempo.old_edges[:-1]) / 2.0 - place)
    assert stretch[away > 0.011] == pytest.approx(1.0, abs=1e-6)
    before, after = np.interp((place - 0.04, place + 0.02), tempo.old_edges, tempo.new_edges)
    assert tempo.hush(np.array([before, after])) == pytest.approx([0.0, 0.0], abs=1e-9)


def test_phrases_break_before_words_that_link(take: Take, talked: Any) -> None:
    plain = [w._replace(text=w.text.strip(",")) for w in talked.words]
    breaks = Tempo.of(take.level, talked.phones, plain, Cues(breaks=1.0), None).breaks
    assert not breaks  # the phrase is too short
    later = [w._replace(start=w.start + 1, end=w.end + 1) for w in plain]
    late = [p._replace(start=p.start + (p.start > 0), end=p.end + 1) for p in talked.phones]
    late[0] = late[0]._replace(end=0.1)
    late[1] = late[1]._replace(start=0.1)
    later[0] = later[0]._replace(start=0.1)
    later[1], later[2] = later[1]._replace(text="or"), later[2]._replace(text="man")
    level = np.concatenate([np.full(200, take.level.max()), take.level])
    ((place, _),) = Tempo.of(level, late, later, Cues(breaks=1.0), None).breaks
    assert place == pytest.approx(later[1].start, abs=0.041)


def test_a_sound_that_goes_on_as_loud_is_not_cut_in_two(take: Take, talked: Any) -> None:
    level = np.full(len(take.level), float(take.level.max()))
    breaks = Tempo.of(level, talked.phones, talked.words, Cues(breaks=1.0), None).breaks
    assert not breaks


def test_the_whole_stays_within_what_is_allowed(take: Take, talked: Any) -> None:
    free = plan(take, talked, SLOW)
    assert free.duration > 1.3 * talked.audio.duration
    fitted = plan(take, talked, SLOW, 0.15)
    assert fitted.duration == pytest.approx(1.15 * talked.audio.duration, rel=1e-3)


def test_the_map_rises_smoothly_from_end_to_end(take: Take, talked: Any) -> None:
    tempo = plan(take, talked, SLOW, 0.15)
    new, old = np.array(tempo.knots()).T
    assert new[0] == old[0] == 0.0
    assert old[-1] == pytest.approx(talked.audio.duration, abs=1e-5)
    assert new[-1] == pytest.approx(tempo.duration, abs=1e-5)
    assert (np.diff(new) > 0).all()
    assert (np.diff(old) > 0).all()
    slopes = np.diff(tempo.old_edges) / np.diff(tempo.new_edges)
    outside = np.ones(len(slopes), bool)
    for place, _ in tempo.breaks:
        outside &= np.abs(tempo.old_edges[1:] - place) > 0.08
    assert np.abs(np.diff(slopes))[outside[1:]].max() < 0.06  # in 5 ms
    assert slopes[outside].min() > 0.5
    assert slopes.min() > 0.05
