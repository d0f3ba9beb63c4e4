"""How fast the lexicon rewrites, and whether others read the emotion in what it writes.

Run: python benchmarks/lexicon.py [--seeds 3]
The judges are optional: pip install nade==0.3.1 vaderSentiment==3.3.2
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import itertools
import time
from collections.abc import Callable

from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.clips import Transcript
from emoanim.emotions import Emotion, EmotionPrompt

INTENSITIES = (0.3, 0.6, 1.0)
TEXTS = """
Hello everyone.
Good morning, and welcome to the show.
Thank you.
Yes.
No.
Stop!
Okay
congressional district, and I'm currently in D.C. for my second week of new member orientation. \
In addition to learning where things are and how to use the tunnels
so i was walking down the street and i'm looking for my keys because i lost them
and then we went to the store to buy some milk and bread it was pretty cold outside
The meeting starts at three o'clock.
Mr. Smith paid $3.50 for a coffee at 7 a.m. on Main St. in Boston.
I like it.
I don't like it.
I can't find my phone anywhere.
She got the job at the U.S. Department of Energy.
He lost his job last week.
My grandmother died yesterday.
We won the game!
It is a beautiful day, and we're going to the park.
Do you want to come with me tomorrow?
Where did you put the car keys?
what time is it
Please close the door when you leave.
Don't touch that.
Let's get started with the first exercise.
I am so happy to see you all!
I'm furious about the delay.
I hate waiting in line.
The food was cold and the room was dirty.
Visit www.example.com or write to info@example.com for details.
I bought apples, oranges, milk, and bread.
First, mix the flour and the water. Then add 2.5 cups of sugar. Finally, bake it for 40 minutes.
Well... I think we should go home.
I think the new plan is good, but it's expensive.
Maria and I are moving to Paris in June.
Children are playing outside.
The results came back this morning, and they show that sales grew by 12 percent.
Wow, what a game!
This is the worst movie I have ever seen.
It was an important day for our family.
They told us nothing about it.
You should see a doctor.
You never listen to me.
There's a spider in the bathroom.
We are not going to give up.
I have a dog, two cats, and a parrot.
Why are you always late?
My name is Anna and I live in Berlin.
I love this song.
Our train leaves in ten minutes.
Today I will show you how to change a tire.
If it rains, we'll stay inside.
The company announced that it will close three factories, and 400 workers will lose their jobs.
I wish I could stay.
Not bad at all.
That's what I told him.
Nobody called.
Happy birthday, Tom!
I'm sorry, I can't help you.
The water in this lake is very deep and very cold.
Look at this picture.
You did a good job.
A man walks into a bar.
It's five degrees outside.
Are you serious?
We need more time, more money, and more people.
In 1969, two men walked on the moon for the first time.
I was born in a small town near the coast. My father was a fisherman. We didn't have much, but \
we were happy. Every morning he took me to the harbor, and I watched the boats go out. One day \
he didn't come back. I still think about him.
""".strip().splitlines()
PLUTCHIK = {
    Emotion.ANGER: "anger",
    Emotion.DISGUST: "disgust",
    Emotion.FEAR: "fear",
    Emotion.HAPPY: "joy",
    Emotion.SAD: "sadness",
    Emotion.SURPRISE: "surprise",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    speed()
    made = {
        (emotion, intensity): [
            LexiconTextEmoter(seed).rewrite(Transcript(text), EmotionPrompt(emotion, intensity))
            for text, seed in itertools.product(TEXTS, seeds)
        ]
        for emotion, intensity in itertools.product(Emotion, INTENSITIES)
    }
    growth = {
        i: sum(len(t.split()) for t in made[Emotion.HAPPY, i])
        / (len(seeds) * sum(len(t.split()) for t in TEXTS))
        for i in INTENSITIES
    }
    print("words per word, happy:", {i: round(g, 2) for i, g in growth.items()})
    if importlib.util.find_spec("nade"):
        table("nade, share of top-1 right", made, _nade(), PLUTCHIK)
    if importlib.util.find_spec("vaderSentiment"):
        valence = _vader()
        print("vaderSentiment, mean valence -1..1")
        print(f"{'':10} before {valence(TEXTS):+.2f}")
        for emotion in Emotion:
            row = (f"{valence(made[emotion, i]):+.2f}" for i in INTENSITIES)
            print(f"{emotion:10}", *row)


def speed() -> None:
    """Print milliseconds per rewrite for one sentence and for a speech of 1,800 words."""
    emoter, prompt = LexiconTextEmoter(), EmotionPrompt(Emotion.SAD, 1.0)
    for text, times in ((TEXTS[0], 200), ("It was late, but we're here. We saw it. " * 180, 1)):
        emoter.rewrite(Transcript(text), prompt)
        begin = time.perf_counter()
        for _ in range(times):
            emoter.rewrite(Transcript(text), prompt)
        spent = (time.perf_counter() - begin) / times * 1000
        print(f"{len(text.split()):5} words: {spent:.1f} ms")


def table(
    title: str,
    made: dict[tuple[Emotion, float], list[str]],
    judge: Callable[[list[str]], list[str]],
    names: dict[Emotion, str],
) -> None:
    """Print for each emotion how often a judge names it before and after."""
    before = judge(TEXTS)
    print(title)
    for emotion, name in names.items():
        row = [before.count(name) / len(before)]
        for intensity in INTENSITIES:
            found = judge(made[emotion, intensity])
            row.append(found.count(name) / len(found))
        print(f"{emotion:10}", *(f"{r:.2f}" for r in row))


def _nade() -> Callable[[list[str]], list[str]]:
    model = importlib.import_module("nade").Nade()

    def judge(texts: list[str]) -> list[str]:
        scores = {label: list(column) for label, column in model.predict(texts).items()}
        return [max(scores, key=lambda s: float(scores[s][i])) for i in range(len(texts))]

    return judge


def _vader() -> Callable[[list[str]], float]:
    module = importlib.import_module("vaderSentiment.vaderSentiment")
    analyser = module.SentimentIntensityAnalyzer()
    return lambda texts: sum(analyser.polarity_scores(t)["compound"] for t in texts) / len(texts)


if __name__ == "__main__":
    main()
