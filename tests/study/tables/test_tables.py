"""Tables from rows whose numbers are known by hand."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import numpy as np
import pytest

from emoanim.clips import EmotionScores
from emoanim.scoring import compare_scores
from emoanim.study.tables.accuracy_tables import accuracy_table
from emoanim.study.tables.columns import Columns, gather
from emoanim.study.tables.edd_table import comparison_table, edd_table
from emoanim.study.tables.subject_table import subject_table
from emoanim.study.tables.tables import Table, to_csv, to_latex, to_markdown
from emoanim.study.workers.measuring import _wrong

LABELS = ["happy", "sad"]


def row(
    system: str, subject: str, emotion: str, sample: int, edd: float, **more: Any
) -> dict[str, Any]:
    seen = {"labels": LABELS, "edd": edd, "null": 0.5, "wrong": 0.5 + edd / 2, "shares": [1, 0]}
    return {
        "id": f"{subject}-{emotion}-{system}-s{sample}",
        "system": system,
        "clip": subject,
        "subject": subject,
        "emotion": emotion,
        "intensity": 0.6,
        "sample": sample,
        "seed": sample,
        "status": "done",
        "keys": {"rewrite": f"{subject}{emotion}", "speak": f"{subject}{emotion}"},
        "seconds": {},
        "cpu": {},
        "faces": {"main": seen},
        "words": {"happy": 0.8, "sad": 0.2},
        "words_original": {"happy": 0.4, "sad": 0.6},
        **more,
    }  # fmt: skip


@pytest.fixture
def columns() -> Columns:
    rows = []
    for number, subject in enumerate("abcde"):
        for sample in range(2):
            value = 0.1 * number + 0.05 * sample
            rows.append(row("ours", subject, "happy", sample, value))
            rows.append(row("theirs", subject, "happy", sample, value + 0.2))
            rows.append(row("ours", subject, "sad", sample, 0.4))
            rows.append(row("theirs", subject, "sad", sample, 0.4 + 0.01 * (-1) ** number))
    failed = row("ours", "a", "happy", 2, 0.0)
    return gather([*rows, {**failed, "status": "failed", "faces": {}, "reasons": {"voice": "no"}}])


def records(table: Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(table))))


def test_edd_is_the_mean_with_its_spread_and_the_lowest_beside(columns: Columns) -> None:
    assert columns.failed == 1
    table = edd_table(columns, {"ours": {"edd": {"happy": 0.25}}})
    first = records(table)[0]
    assert (first["system"], first["emotion"], first["n"]) == ("ours", "happy", "10")
    assert float(first["mean"]) == pytest.approx(0.225)
    assert float(first["median"]) == pytest.approx(0.225)
    assert float(first["paper_min"]) == 0.0
    assert float(first["low"]) < 0.225 < float(first["high"])
    assert float(first["null"]) == 0.5
    assert float(first["wrong"]) == pytest.approx(0.5 + 0.225 / 2)
    shown = table.rows[0]
    assert shown[2].startswith("0.225 [")
    assert shown[7] == "0.000 of 10"
    assert shown[-1] == "0.25"
    sad = next(r for r in table.rows if r[:2] == ("ours", "sad"))
    assert sad[-1] == "-"  # the paper has no system of that name
    assert any("for sad 0.6032 and 0.6291" in note for note in table.notes)
    assert any("lowest of N" in note for note in table.notes)


def test_a_papers_number_stands_beside_its_own_system_alone() -> None:
    systems = ("eda", "SadTalker", "animator only")
    rows = [row(system, who, "disgust", 0, 0.1) for system in systems for who in "ab"]
    for each in rows:
        each["faces"]["main"]["labels"] = ["disgust", "sad"]
    table = edd_table(gather(rows), {"animator only": {"edd": {"disgust": 0.5}}})
    shown = {r[0]: r[-1] for r in table.rows if r[1] == "disgust"}
    assert shown == {"eda": "0.0984", "SadTalker": "0.0933", "animator only": "0.5"}
    words = accuracy_table(gather(rows), "words", {})
    assert {r[0]: r[-1] for r in words.rows if r[1] == "mean"} == {
        "eda": "97 % (one emotion 89 %)", "SadTalker": "-", "animator only": "-",
    }  # fmt: skip


def test_how_much_of_the_target_there_is_stands_beside_its_edd() -> None:
    rows = [row(s, who, "happy", 0, 0.0) for s in ("ours", "other") for who in "ab"]
    for each in rows:
        mean, top = ([0.0, 0.1], [0.0, 0.06]) if each["system"] == "ours" else ([0.1, 0.7], [0, 1])
        each["faces"]["main"] |= {"mean": mean, "top": top}
    table = edd_table(gather(rows), {})
    assert table.rows[0][2:5] == ("0.000 [0.000, 0.000]", "0.000 -> 0.100", "0% -> 6%")
    assert "ours happy (6%)" in table.notes[0]
    assert "other happy" not in table.notes[0]
    assert float(records(table)[0]["p_generated"]) == pytest.approx(0.1)
    assert float(records(table)[0]["top_generated"]) == pytest.approx(0.06)
    by_subject = subject_table(gather(rows))
    assert by_subject.rows[0][3:6] == ("0.000", "0.000 -> 0.100", "0% -> 6%")
    assert len(by_subject.heads) == len(by_subject.rows[0])
    assert len(table.heads) == len(table.rows[0])


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["happy", "sad"], "knows 2 of the targets"),
        (["happy", "sad", "anger", "fear", "surprise"], "knows (anger, fear, happy, sad)"),
    ],
)
def test_the_control_says_what_it_is(labels: list[str], said: str) -> None:
    rows = [row("ours", who, "happy", 0, 0.2) for who in "ab"]
    for each in rows:
        each["faces"]["main"] |= {"labels": sorted(labels), "shares": [0.1] * len(labels)}
    notes = " ".join(edd_table(gather(rows), {}).notes)
    assert said in notes
    assert "six targets" not in notes
    assert ("no evidence for the target" in notes) == (len(labels) > 2)


def test_two_classes_have_no_control() -> None:
    rng = np.random.default_rng(0)
    for labels, known in ((("happy", "sad"), False), (("happy", "sad", "anger"), True)):
        pair = []
        for level in (0.2, 0.5):
            values = rng.dirichlet([level, *[0.5] * (len(labels) - 1)], 60)
            pair.append(EmotionScores(labels, values, np.arange(60) / 25.0, "mine"))
        change = compare_scores(pair[0], pair[1], "happy")
        assert (_wrong(change, "happy") is not None) == known


def test_systems_are_compared_in_pairs_with_holm(columns: Columns) -> None:
    table = comparison_table(columns)
    happy, sad = records(table)
    assert float(happy["difference"]) == pytest.approx(-0.2)
    # All five subjects lean one way: 2 of 32 sign patterns are as extreme.
    assert float(happy["p"]) == pytest.approx(2 / 32)
    assert float(happy["p_holm"]) == pytest.approx(4 / 32)
    assert float(sad["p"]) > 0.5
    assert happy["pairs"] == "10"
    assert any("never below 0.0625" in note for note in table.notes)


def test_every_subject_has_rows_of_its_own(columns: Columns) -> None:
    table = subject_table(columns)
    ours = [r for r in records(table) if r["system"] == "ours" and r["emotion"] == "happy"]
    assert [r["subject"] for r in ours] == list("abcde")
    for number, line in enumerate(ours):
        assert line["n"] == "2"
        assert float(line["mean"]) == pytest.approx(0.1 * number + 0.025)
        assert float(line["paper_min"]) == pytest.approx(0.1 * number)
        assert float(line["sd"]) == pytest.approx(0.05 / math.sqrt(2), abs=1e-6)
        assert float(line["wrong"]) == pytest.approx(0.5 + 0.05 * number + 0.0125)
    whole = [r for r in records(table) if r["system"] == "ours" and r["emotion"] == "all"]
    assert [r["n"] for r in whole] == ["4"] * 5


def test_one_text_counts_once_however_many_films_it_is_in(columns: Columns) -> None:
    table = accuracy_table(columns, "words", {})
    ours = {r["emotion"]: r for r in records(table) if r["system"] == "ours"}
    assert (ours["happy"]["n"], ours["happy"]["hits"]) == ("5", "5")
    assert (ours["sad"]["hits"], float(ours["sad"]["accuracy_of_original"])) == ("0", 1.0)
    assert float(ours["happy"]["accuracy_of_original"]) == 0.0
    assert float(ours["mean"]["accuracy"]) == 0.5


def test_a_target_that_the_classifier_does_not_know_is_not_wrong() -> None:
    table = accuracy_table(gather([row("ours", "a", "fear", 0, 0.1)]), "words", {})
    assert table.rows[0][2].startswith("not evaluable")
    assert records(table)[0]["accuracy"] == ""


def test_a_table_without_its_evaluator_says_why(columns: Columns) -> None:
    table = accuracy_table(columns, "voice", {})
    assert table.missing == "no"
    assert "Left out: no" in to_markdown(table)
    assert to_latex(table).startswith("% ")
    assert to_csv(table).strip() == ""


def test_a_table_by_the_second_classifier_says_that_the_first_is_lacking() -> None:
    whole = [row("ours", "a", "happy", 0, 0.1)]
    lacking = [row("ours", "a", "happy", 0, 0.1, reasons={"classifier": "its weights are gone"})]
    said = "the main classifier is lacking (its weights are gone): these figures are by main alone"
    assert said in edd_table(gather(lacking), {}).notes
    assert not any("lacking" in note for note in edd_table(gather(whole), {}).notes)


def test_one_system_has_nobody_to_compare_with() -> None:
    assert comparison_table(gather([row("ours", "a", "happy", 0, 0.1)])).missing


def test_no_row_is_no_table() -> None:
    columns = gather([])
    assert edd_table(columns, {}).missing
    assert subject_table(columns).missing
    assert accuracy_table(columns, "words", {}).missing


def test_numbers_keep_their_places_when_some_rows_lack_them() -> None:
    rows = [row("ours", "a", "happy", i, 0.1 * i) for i in range(3)]
    rows[1]["faces"] = {}
    rows[2]["cpbd"] = [0.5, 0.4]
    edds = gather(rows).number("edd:main")
    assert edds[0] == 0.0
    assert math.isnan(edds[1])
    assert edds[2] == pytest.approx(0.2)
    assert gather(rows).number("cpbd").tolist()[2] == 0.4


def test_forms_escape_what_they_must() -> None:
    table = Table(
        "t", "50 % of a|b", ("a_b", "c"), (("x|y", "1 %"),), ({"a": math.nan},), ("n & m",)
    )
    assert r"x\|y" in to_markdown(table)
    assert r"a\_b" in to_latex(table)
    assert r"50 \%" in to_latex(table)
    assert r"n \& m" in to_latex(table)
    assert to_csv(table) == 'a\n""\n'


def test_what_has_no_counterpart_is_left_out_and_counted() -> None:
    rows = [row(system, "a", "happy", i, 0.1) for system in ("x", "y") for i in range(2)]
    rows += [row("x", "b", "happy", 0, 0.9, kappa=0.5)]
    table = comparison_table(gather(rows))
    assert records(table)[0]["pairs"] == "2"
    assert any(note.startswith("1 samples have no counterpart") for note in table.notes)
    assert not any("counterpart" in n for n in comparison_table(gather(rows[:4])).notes)
