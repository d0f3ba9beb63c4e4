"""How results show themselves in a notebook: HTML and SVG text, with numpy and nothing else.

Jupyter asks an object for ``_repr_html_``; nothing here needs IPython to be installed. The parts
take plain values, so that everything from a clip's scores up can use them.
"""

from emoanim.notebook.curves import COLOURS, Curve, curves_svg, emotion_curves
from emoanim.notebook.players import (
    EMBEDDED_BYTES,
    audio_player,
    facts_table,
    listed,
    picture,
    pixels,
    side_by_side,
    titled,
    video_player,
)
from emoanim.notebook.progress import StepsDisplay, in_notebook, watching
from emoanim.notebook.still import Still

__all__ = [
    "COLOURS",
    "EMBEDDED_BYTES",
    "Curve",
    "StepsDisplay",
    "Still",
    "audio_player",
    "curves_svg",
    "emotion_curves",
    "facts_table",
    "in_notebook",
    "listed",
    "picture",
    "pixels",
    "side_by_side",
    "titled",
    "video_player",
    "watching",
]
