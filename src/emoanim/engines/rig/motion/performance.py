"""Speech and emotion to the motion of the whole face: every action unit and the head, per frame."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.rig.motion.blinks import blink_curve, blink_times
from emoanim.engines.rig.motion.envelopes import Curve, low_pass, pulse, smoothstep, wander
from emoanim.engines.rig.motion.gaze import gaze_curves
from emoanim.engines.rig.motion.head_motion import head_motion
from emoanim.engines.rig.motion.manner import Manner, manner_of
from emoanim.engines.rig.motion.prosody import Prosody, analyse
from emoanim.engines.rig.motion.source_motion import SourcePose
from emoanim.engines.rig.motion.visemes import LIP_UNITS, Lips, lips_from_phones, lips_from_sound

__all__ = ["Performance", "perform"]

# What speech leaves of an expression's lower-face units while the lips are busy; units that are
# not named here (brows, eyes, cheeks, nose) keep their full weight.
_KEPT_WHILE_SPEAKING: Mapping[str, float] = {
    "10": 0.8,
    "12": 0.9,
    "14": 0.95,
    "15": 0.95,
    "16": 0.5,
    "17": 0.55,
    "18": 0.3,
    "20": 0.7,
    "22": 0.3,
    "23": 0.75,
    "24": 0.4,
    "25": 0.45,
    "26": 0.4,
    "28": 0.0,
}
# A mouth that opens wide when the words end would seem to go on speaking.
_AT_REST: Mapping[str, float] = {"25": 0.7, "26": 0.5, "16": 0.7}
_CORNERS = frozenset(["12", "14", "15", "20"])
_OPENERS: Mapping[str, float] = {"25": 1.0, "26": 0.75, "16": 1.0, "10": 0.5}
_FOLLOWING = frozenset(["16", "25", "26"])
_FOLLOWED, _WIDE = (0.2, 1.5), 0.6
"""What an emotion that goes with the phones parts the lips by in narrow ones and in wide ones, over
what it does on average, and the drop of the jaw of wide ones."""
_PAUSING = 0.57
"""And in pauses, over what it does otherwise."""
_LOWEST, _HIGHEST = 0.8, 1.15


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """The score that the renderer plays.

    Attributes:
        fps: frames per second; frame i is shown from i / fps on.
        names: the k action units.
        weights: float32 (t, k).
        head: float32 (t, 6): pitch up, yaw to the image's right, roll clockwise on the screen in
            degrees, x right, y up, z towards the camera in cm, relative to the still.
    """

    fps: float
    names: tuple[str, ...]
    weights: NDArray[np.float32]
    head: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.weights)

    def units(self, frame: int) -> dict[str, float]:
        """Return the weights of one frame by name, zeros left out."""
        row = self.weights[frame]
        return {n: float(w) for n, w in zip(self.names, row, strict=True) if w != 0.0}

    def of(self, name: str) -> NDArray[np.float32]:
        """Return the curve of one unit, float32 (t,); zero if nothing moves it."""
        if name not in self.names:
            return np.zeros(len(self.weights), dtype=np.float32)
        return self.weights[:, self.names.index(name)]


def perform(
    speech: Speech,
    prompt: EmotionPrompt,
    *,
    fps: float = 25.0,
    seed: int = 0,
    source_pose: SourcePose | None = None,
    expression: Mapping[str, float] | None = None,
    keep_mouth: bool = False,
    movement: float = 1.0,
    follows: float = 0.0,
) -> Performance:
    """Return the face's motion for a speech in an emotion; same arguments, same numbers.

    Args:
        speech: sound and phones; without phones the lips follow the sound.
        prompt: the emotion.
        fps: frames per second of the result.
        seed: of blinks, head motion and the life of the expression.
        source_pose: the speaker's own head motion.
        expression: action units of the emotion; those of the preset by default, an empty mapping
            if the still shows the emotion already.
        keep_mouth: in pauses the mouth is as the still has it; otherwise it is closed, unless the
            expression parts the lips.
        movement: factor on head motion; 0 holds the head in the emotion's posture, and the eyes.
        follows: share in which the emotion parts the lips with the phones: less in consonants and
            pauses, more in vowels; at 0 as far in all of them.
    """
    if expression is None:
        from emoanim.engines.rig.expressions.presets import emotion_units

        expression = emotion_units(prompt)
    # Each part has a stream of its own, so that a change in one leaves the others as they are.
    blink_rng, head_rng, life_rng, gaze_rng = (
        np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(4)
    )
    prosody = analyse(speech.audio)
    manner = manner_of(prompt)
    count = max(1, math.ceil(speech.audio.duration * fps - 1e-6))
    times: NDArray[np.float64] = (np.arange(count, dtype=np.float64) + 0.5) / fps
    lips = (
        lips_from_phones(speech.phones, prosody, times)
        if speech.phones
        else lips_from_sound(prosody, times)
    )
    head = head_motion(
        prosody,
        times,
        manner,
        head_rng,
        source=source_pose,
        activity=lips.activity,
        amount=movement,
    )
    units = _expression(expression, lips, prosody, times, fps, life_rng, follows)
    _flash(units, manner, prosody, times)
    _speak(units, lips, manner, expression, keep_mouth)
    blinks = blink_times(
        speech.audio.duration, manner.blinks, manner.blink_time, _pauses(lips, times), blink_rng
    )
    closed = blink_curve(blinks, times)
    for name in ("5", "7"):
        if name in units:
            units[name] = units[name] * (1.0 - closed)
    # When the chin goes down the lids lift a little.
    units["5"] = units.get("5", 0.0) + 0.02 * np.clip(-head[:, 0], 0.0, 4.0) * (1.0 - closed)
    if movement:
        units |= gaze_curves(times, head, min(movement, 1.0), gaze_rng)
    units["43"] = np.maximum(units.get("43", np.zeros(count)), closed)
    names = tuple(units)
    weights = np.stack([units[n] for n in names], axis=1).astype(np.float32)
    return Performance(fps, names, weights, head.astype(np.float32))


def _expression(
    expression: Mapping[str, float],
    lips: Lips,
    prosody: Prosody,
    times: NDArray[np.float64],
    fps: float,
    rng: np.random.Generator,
    follows: float,
) -> dict[str, Curve]:
    """Return the emotion's units, alive: an onset, peaks on accents, a slow wander."""
    onset = 0.86 + 0.14 * smoothstep(times / 0.35)
    peaks = np.zeros(len(times))
    for accent in prosody.accents:
        peaks = np.maximum(peaks, accent.strength * pulse(times, accent.time, 0.3, 0.7))
    lives = {}
    for region in ("upper", "lower"):
        drift = 0.04 * np.clip(wander(len(times), fps, 0.25, rng), -2.0, 2.0)
        lives[region] = np.clip(onset * (1.03 + drift + 0.08 * peaks), _LOWEST, _HIGHEST)
    rounded = np.clip(
        lips.weights[:, LIP_UNITS.index("18")] + lips.weights[:, LIP_UNITS.index("22")], 0.0, 1.0
    )
    # The rest shape comes back more slowly than the lips stop.
    busy = np.maximum(lips.activity, low_pass(lips.activity, 0.14 * fps))
    wide = smoothstep(lips.weights[:, LIP_UNITS.index("26")] / _WIDE)
    narrow, full = _FOLLOWED
    with_phones = 1.0 + follows * lips.activity * (narrow + (full - narrow) * wide - 1.0)
    units: dict[str, Curve] = {}
    for name, weight in expression.items():
        kind = name.rstrip("LR")
        share = _KEPT_WHILE_SPEAKING.get(kind)
        if share is None:
            units[name] = weight * lives["upper"]
            continue
        rest = _AT_REST.get(kind, 1.0)
        if kind in _FOLLOWING:
            rest *= 1.0 - follows * (1.0 - _PAUSING)
        curve = weight * lives["lower"] * (rest - (rest - share) * busy)
        if kind in _CORNERS:
            curve = curve * (1.0 - 0.3 * rounded)
        units[name] = curve * with_phones if kind in _FOLLOWING else curve
    return units


def _flash(
    units: dict[str, Curve], manner: Manner, prosody: Prosody, times: NDArray[np.float64]
) -> None:
    """Raise (or knit) the brows with pitch accents, in place."""
    rise = np.zeros(len(times))
    for accent in prosody.accents:
        lift = float(np.clip(accent.pitch / 3.5, 0.0, 1.0)) * (0.4 + 0.6 * accent.strength)
        rise = np.maximum(rise, lift * pulse(times, accent.time, 0.22, 0.5))
    for name, weight in manner.flash.items():
        units[name] = units.get(name, 0.0) + weight * rise


def _speak(
    units: dict[str, Curve],
    lips: Lips,
    manner: Manner,
    expression: Mapping[str, float],
    keep_mouth: bool,
) -> None:
    """Add the lips of speech to the expression, in place; a closure wins over both."""
    columns = dict(zip(LIP_UNITS, lips.weights.T, strict=True))
    sealed = columns.pop("seal")
    smile = min(max(expression.get("12", 0.0), 0.0), 1.0)
    factors = {
        "26": manner.jaw,
        "25": manner.part,
        "16": manner.jaw,
        "20": manner.spread * (1.0 - 0.5 * smile),
        "18": 2.0 - manner.spread,
        "22": 2.0 - manner.spread,
    }
    for name, curve in columns.items():
        units[name] = units.get(name, 0.0) + factors.get(name, 1.0) * curve
    units["10"] = units["10"] - manner.cover * np.clip(2.0 * columns["25"], 0.0, 1.0)
    parted = expression.get("25", 0.0) + expression.get("26", 0.0)
    if parted < 0.2 and not keep_mouth:
        # A closed mouth is closed exactly when nothing is said.
        sealed = np.maximum(sealed, 1.0 - smoothstep(1.6 * lips.activity))
    for name, share in _OPENERS.items():
        if name in units:
            units[name] = units[name] * (1.0 - share * sealed)
    units["seal"] = sealed


def _pauses(lips: Lips, times: NDArray[np.float64]) -> list[float]:
    """Return where speech gives way to a pause, seconds."""
    busy = lips.activity > 0.5
    return [float(times[i]) for i in np.flatnonzero(busy[:-1] & ~busy[1:])]
