"""Which encoder writes the pictures: x264 where FFmpeg has it, else what the build offers.

libx264 is under the GPL, so some builds of FFmpeg leave it out. The others here are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import av

from emoanim.errors import SettingsError

__all__ = ["ENCODERS", "Encoder", "chosen_encoder"]


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder of FFmpeg.

    Attributes:
        name: as FFmpeg calls it.
        licence: SPDX id of its library.
        containers: endings of the files that may hold what it writes.
        options: for a constant rate factor and a preset as x264 counts them, its own options.
        bits: bits per pixel where it takes a rate and no quality, for crf 18; 0 for the rest.
    """

    name: str
    licence: str
    containers: tuple[str, ...]
    options: Callable[[float, str], Mapping[str, str]]
    bits: float = 0.0

    @property
    def there(self) -> bool:
        """Whether this build of FFmpeg has it."""
        try:
            av.codec.Codec(self.name, "w")
        except (av.error.FFmpegError, ValueError):
            return False
        return True


_ALL = (".mp4", ".mov", ".mkv")


def _mpeg4(crf: float, _preset: str) -> Mapping[str, str]:
    """A fixed quantiser, 1 (best) to 31; six steps of crf double it, as in H.264."""
    quantiser = f"{min(31.0, max(1.0, 2.0 ** ((crf - 6.0) / 6.0))):.0f}"
    return {"qmin": quantiser, "qmax": quantiser}


ENCODERS = (
    Encoder(
        "libx264",
        "GPL-2.0-or-later",
        _ALL,
        lambda crf, preset: {"crf": f"{crf:g}", "preset": preset},
    ),
    Encoder(
        "libopenh264",
        "BSD-2-Clause",
        _ALL,
        lambda _crf, _preset: {"allow_skip_frames": "0"},
        bits=0.2,
    ),
    Encoder(
        "libvpx-vp9",
        "BSD-3-Clause",
        (".mp4", ".mkv", ".webm"),
        # VP9's scale runs to 63; real time is what keeps up with the renderer.
        lambda crf, _preset: {
            "crf": f"{min(63.0, crf * 63.0 / 51.0):.0f}",
            "b": "0",
            "deadline": "realtime",
            "cpu-used": "5",
            "row-mt": "1",
        },
    ),
    Encoder("mpeg4", "LGPL-2.1-or-later", _ALL, _mpeg4),
)
"""In the order in which they are taken."""


def chosen_encoder(name: str, ending: str) -> Encoder:
    """Return the encoder of a name, or for "auto" the first that is here and fits the file.

    Args:
        name: "auto" or the name of one of ``ENCODERS``.
        ending: of the file, such as ".mp4".

    Raises:
        SettingsError: no such encoder, not in this build, or not for such a file.
    """
    fitting = [e for e in ENCODERS if ending in e.containers]
    names = ", ".join(e.name for e in fitting if e.there)
    if name == "auto":
        encoder = next((e for e in fitting if e.there), None)
        if encoder is None:
            raise SettingsError(
                "this build of FFmpeg has no encoder that is known; expected one of: "
                f"{', '.join(e.name for e in fitting)}. Install PyAV from its wheel: pip install av"
            )
        return encoder
    if name not in {e.name for e in ENCODERS}:
        raise SettingsError(f"encoder {name!r} given; expected auto or one of: {names}.")
    named = next((e for e in fitting if e.name == name and e.there), None)
    if named is None:
        raise SettingsError(
            f"encoder {name!r} given; for a {ending} file this build of FFmpeg has: "
            f"{names or 'none'}. Take one of them, or auto."
        )
    return named
