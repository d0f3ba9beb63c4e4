"""The study.toml that ``study init`` writes: the paper's design, with every setting explained."""

from __future__ import annotations

from pathlib import Path

from emoanim.errors import OutputError

__all__ = ["TEMPLATE", "write_template"]

TEMPLATE = """\
# A study: every clip x emotion x intensity x system, `samples` times. This is the paper's design:
# three speakers, seven emotions, about 520 samples (3 x 7 x 25 = 525).
#
#   emoanim study check study.toml
#   emoanim study run study.toml -o out      # give it again to go on where it ended
#   emoanim study report out                 # draw tables, figures and page anew

name = "paper"
emotions = ["anger", "contempt", "disgust", "fear", "happy", "neutral", "sad"]
intensities = [0.6]             # 0 to 1; a plain word is 0.6, "very" 0.73
samples = 25                    # per cell; sample i has the seed `seed` + i
seed = 0
vary = ["face"]                 # what a sample's seed reaches: "words", "voice", "face"
# budget = 20.0                 # US dollars that paid calls may cost in all

# One clip or a glob each, relative to this file. The subject is the person: intervals and tests
# count people, not clips.
[[clips]]
path = "clips/first*.mp4"
subject = "first"

[[clips]]
path = "clips/second*.mp4"
subject = "second"

[[clips]]
path = "clips/third*.mp4"
subject = "third"

# A name -> a preset, or a preset with other backends and options. Systems that are compared should
# differ in one part. "animator only" is the paper's baseline: no emotion is put on the face, only
# words, voice and lips change.
[systems.eda]
preset = "local"                # "paper": Whisper, GPT-4, ElevenLabs, EAT, SadTalker

[systems."animator only"]
preset = "local"
face_emoter = "keep"

# [systems."face only"]
# preset = "face"               # words and sound stay as they are

# What samples are scored with; "none" leaves one out. One that cannot be had leaves its table with
# a line that says why, and the run goes on.
[scoring]
classifier = "fer8"             # table 4, figures 3 to 7; the paper's is "emofan"
second = "facex"                # a second opinion beside every EDD
words = "xlm-emo"               # table 1
voice = "speechbrain"           # table 2
accept_licence = false          # of the classifiers' weights: fer8's are AGPL-3.0
identity = true                 # distance of the faces, with dlib (extra "identity")
every = 1                       # look at every n-th frame

# How the work is spread; nothing here changes a result.
[run]
engine = "local"                # or "ray" (extra "ray"); `address` names a cluster
workers = 1
chunk = 64                      # samples under way together

# Numbers of a publication to print beside ours: system, measure, emotion.
# [reference.eda.edd]
# disgust = 0.0984
"""


def write_template(path: str | Path) -> Path:
    """Write the commented study.toml; nothing that is there is replaced.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    target = Path(path)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise OutputError(f"{str(target)!r} is there already. Give another name.") from None
    except OSError as error:
        raise OutputError(f"{str(target)!r} cannot be written: {error.strerror}.") from error
    return target
