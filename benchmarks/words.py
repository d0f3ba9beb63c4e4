"""How the lexicon's words keep measure and meaning, and what somebody who read them said.

Run: python benchmarks/words.py [--set tenth] [--intensities 0.3 0.6 1.0] [--seeds 3] [--show 1.0]

The sets lie in benchmarks/words, a file for each kind of people who wrote them: a development set
and sets that were written before they were rewritten for the first time. The grades in
benchmarks/words/grades.toml are of that first reading at full intensity (of the talks every
sentence that was changed). What was found was mended afterwards, so texts may differ today.
"""

from __future__ import annotations

import argparse
import statistics
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.clips import Transcript
from emoanim.emotions import TARGETS, EmotionPrompt
from emoanim.engines.lexicon.rewriting import Rewriting
from emoanim.language.meaning import lost_meaning

FOLDER = Path(__file__).parent / "words"
WRITERS = ("development", "volunteers", "readers", "talks")


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


SETS = dict(sorted((which, held) for name in WRITERS for which, held in load(name).items()))


def texts(which: str) -> list[str]:
    """Return the sentences of a set and, last, its talk."""
    return [*SETS[which].get("sentences", []), SETS[which]["talk"]]


def made(text: str, emotion: str, intensity: float, seed: int) -> Rewriting:
    return LexiconTextEmoter(seed).read(Transcript(text), EmotionPrompt(emotion, intensity))


def changed(result: Rewriting) -> float:
    """Return how many of a text's sentences something is done to, in [0, 1]."""
    return len({c.sentence for c in result.changes}) / max(len(result.sentences), 1)


def measures(which: str, intensities: list[float], seeds: int) -> None:
    print(f"{which} set: words per word of the text; what is lost; clips with more than one")
    print("talk: how many of its sentences are changed")
    print("| emotion | intensity | mean | most | unchanged | talk | self-reports > 1 | lost |")
    print("|---|---|---|---|---|---|---|---|")
    for emotion in TARGETS:
        for intensity in intensities:
            grown, same, selfish, lost = [], 0, 0, []
            for text in texts(which):  # the talk is the last
                results = [made(text, emotion, intensity, seed) for seed in range(seeds)]
                for result in results:
                    grown.append(len(result.text.split()) / len(text.split()))
                    same += result.text.rstrip(".!") == text.rstrip(".!")
                    selfish += sum(c.selfish for c in result.changes) > 1
                    what = lost_meaning(result.text, text)
                    lost += [f"{what}: {result.text}"] if what and emotion != "neutral" else []
            talk = statistics.mean(map(changed, results))
            print(
                f"| {emotion} | {intensity} | {statistics.mean(grown):.2f} | {max(grown):.2f} | "
                f"{same / len(grown):.0%} | {talk:.0%} | {selfish} | {len(lost)} |"
            )
            for line in lost:
                print(" ", line)


def grades() -> None:
    """Count the reader's grades, and how many of the graded texts are still what is said."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    current = total = 0
    for which, emotions in load("grades").items():
        originals = texts(which)
        for emotion, lines in emotions.items():
            for number, grade, *other in lines:
                counts.setdefault((which, emotion), Counter())[grade] += 1
                [said] = other or [originals[number]]
                now = made(originals[number], emotion, 1.0, 0).text
                total += 1
                current += said in now if number == len(originals) - 1 else now == said
    print("\nThe reader's grades")
    print("| set | emotion | read | a person could say it | nothing | bolted on | contradictory |")
    print("|---|---|---|---|---|---|---|")
    for (which, emotion), count in sorted(counts.items()):
        n = count.total()
        print(
            f"| {which} | {emotion} | {n} | {count['p'] / n:.0%} | {count['n'] / n:.0%} | "
            f"{count['b'] / n:.0%} | {count['c'] / n:.0%} |"
        )
    for which in sorted({w for w, _ in counts}):
        lively = [c for (w, e), c in counts.items() if w == which and e != "neutral"]
        all_ = sum(lively, Counter())
        shares = ", ".join(f"{g} {all_[g] / all_.total():.1%}" for g in "pnbc")
        print(f"{which} without neutral: {all_.total()} read, {shares}")
    print(f"{current} of {total} graded texts are what is said today")


def show(which: str, intensity: float, seed: int) -> None:
    for number, text in enumerate(texts(which)):
        print(f"\n{number} {text}")
        for emotion in TARGETS:
            print(f"  {emotion[:4]:4} {made(text, emotion, intensity, seed).text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", default="development", choices=SETS)
    parser.add_argument("--intensities", type=float, nargs="+", default=[0.3, 0.6, 1.0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--show", type=float, help="print every text at this intensity, seed 0")
    arguments = parser.parse_args()
    if arguments.show is not None:
        show(arguments.set, arguments.show, 0)
        return
    measures(arguments.set, arguments.intensities, arguments.seeds)
    grades()


if __name__ == "__main__":
    main()
