"""The paper's table 4 in small: one clip, two emotions, with and without the emotional face.

python examples/small_table.py talk.mp4 out/
"""

import sys
from pathlib import Path

from emoanim import study

SAME = {"text_emoter": "keep", "voice": "own", "animator": "rig"}


def main(video: str, folder: str) -> None:
    """Run the study and print its table."""
    plan = {
        "name": "small",
        "emotions": ["happy", "sad"],
        "samples": 1,
        "clips": [{"path": str(video), "subject": "the person"}],
        "systems": {"rig": SAME, "animator only": {**SAME, "face_emoter": "keep"}},
        "scoring": {
            "classifier": "facex",
            "second": "none",
            "words": "none",
            "voice": "none",
            "identity": False,
            "every": 2,
        },
    }
    study.run(plan, folder, progress="none")
    print((Path(folder) / "tables" / "table4_edd.md").read_text())


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:3])
