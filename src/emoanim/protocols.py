"""The roles, one verb each, and the abilities that a backend may have beyond its verb.

Whatever has the verb is a backend; nothing needs to be inherited. ``emoanim.roles`` is the
table of the roles; an ability is a small protocol that is asked for with ``isinstance``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar, runtime_checkable

from numpy.typing import ArrayLike

from emoanim.clips import (
    Animation,
    Audio,
    Clip,
    EmotionScores,
    Frames,
    Image,
    Portrait,
    Rewrite,
    Speech,
    Transcript,
)
from emoanim.emotions import EmotionPrompt
from emoanim.persons import Person

__all__ = [
    "AnimatesOneOfSeveral",
    "Animator",
    "ClipAnalyses",
    "DetectsLanguage",
    "FaceEmoter",
    "FrameEmotionClassifier",
    "KeepsLanguage",
    "Labelled",
    "LearnsClips",
    "LiveAnimator",
    "LiveFace",
    "Named",
    "PairMeasure",
    "PictureDistance",
    "PictureFeatures",
    "Preparing",
    "RatesFrames",
    "Releasing",
    "RewritesWithRecord",
    "Seedable",
    "SpeaksLanguages",
    "SpeechEmotionClassifier",
    "Streaming",
    "TextEmoter",
    "TextEmotionClassifier",
    "Transcriber",
    "Verifiable",
    "Voice",
    "Wordless",
]


T = TypeVar("T")


@runtime_checkable
class Transcriber(Protocol):
    """Speech to text (paper 3.1: Whisper)."""

    def transcribe(self, audio: Audio) -> Transcript:
        """Return the words.

        Raises:
            NoSpeechError: the audio holds none.
        """


@runtime_checkable
class TextEmoter(Protocol):
    """Text to emotional text (paper 3.1: GPT-4 on I = [T, P])."""

    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return the same content in the target emotion: plain words that a voice can read out."""


@runtime_checkable
class RewritesWithRecord(Protocol):
    """A text emoter that can also tell what it did."""

    def rewrite_with_record(self, transcript: Transcript, prompt: EmotionPrompt) -> Rewrite:
        """Return the text of ``rewrite`` with notes for the user and a record for the run."""


@runtime_checkable
class Voice(Protocol):
    """Text to emotional speech in the target's voice (paper 3.1: ElevenLabs)."""

    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Return the speech.

        Args:
            text: what to say.
            prompt: in which emotion, how strongly.
            reference: the original speaker's voice. The pipeline gives a ``Recording``, which
                holds what was said in it and when; any other caller may give a plain ``Audio``.
        """


@runtime_checkable
class FaceEmoter(Protocol):
    """Frames to emotional portraits of the same person (paper 3.2: EAT)."""

    def emote(self, frames: Sequence[Image] | Frames, prompt: EmotionPrompt) -> list[Portrait]:
        """Return one portrait per frame, in order; frames are uint8 (n, h, w, 3) RGB.

        Raises:
            FaceError: a frame without a usable face.
        """


@runtime_checkable
class Animator(Protocol):
    """Portrait and speech to a talking face (paper 3.2: SadTalker)."""

    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        prompt: EmotionPrompt,
        source: Clip | None = None,
    ) -> Animation:
        """Return frames that cover the speech; ``source`` is the original clip."""


@runtime_checkable
class FrameEmotionClassifier(Protocol):
    """Frames to probabilities of the emotions (paper 4.5: EmoFAN)."""

    def classify(self, frames: Sequence[Image] | Frames) -> EmotionScores:
        """Return one row per frame, NaN where no face is found; frames are uint8 (t, h, w, 3)."""


@runtime_checkable
class AnimatesOneOfSeveral(Protocol):
    """An ability of an animator: change one person of its source and leave all others as they are.

    One without it gets portraits and a source that are cut to the person.
    """

    def of_person(self, person: Person) -> Self:
        """Return an animator of the same kind for one person of the sources that it is given."""


@runtime_checkable
class Preparing(Protocol):
    """An ability of an animator: learn from the source while the speech is still being made."""

    def prepare(self, portrait: Portrait, source: Clip) -> None:
        """Learn what ``animate`` of this portrait and source will need; called before it."""


class ClipAnalyses(Protocol):
    """Keeps what was learnt of clips between samples, processes and runs."""

    def recall(
        self,
        name: str,
        clip: Clip,
        learn: Callable[[], T],
        write: Callable[[T], Any],
        read: Callable[[Any], T],
        **settings: Any,
    ) -> T:
        """Return what is known of a clip, or learn and keep it.

        Args:
            name: of the analysis with the version of its form, as "film/1".
            clip: that it is learnt of; equal content is the same clip.
            learn: makes the analysis.
            write: returns it as plain values: arrays of numbers, numbers, texts, None, and lists,
                tuples and mappings of these.
            read: makes it from what ``write`` returned.
            settings: plain values that shape it.
        """


@runtime_checkable
class LearnsClips(Protocol):
    """An ability of a backend: what it learns of a clip can be kept for other processes."""

    def keep_analyses(self, analyses: ClipAnalyses) -> None:
        """Look there before learning, and keep there what was learnt."""


class LiveFace(Protocol):
    """A person's stills, ready to be moved without an end.

    Attributes:
        fps: frames per second.
        size: width and height in pixels.
    """

    fps: float
    size: tuple[int, int]

    def plan(self, still: int, speech: Speech, prompt: EmotionPrompt) -> Any:
        """Work out how a speech is moved; a thread may do so while another speech is shown.

        Args:
            still: number of the still, in the order in which they were given.
            speech: the sound; silence without words is time in which the person waits.
            prompt: the emotion.
        """

    def move(self, plan: Any) -> Iterator[Image]:
        """Yield the frames of a plan, going on from what the last frame that was read showed."""


@runtime_checkable
class LiveAnimator(Protocol):
    """An ability of an animator: move a face on and on, without a jump between two speeches."""

    def live(self, stills: Sequence[Portrait]) -> LiveFace:
        """Prepare stills of one person and of one size.

        Raises:
            FaceError: no face in one of them.
        """


@runtime_checkable
class Releasing(Protocol):
    """An ability of a backend: give back the memory of what it loaded."""

    def release(self) -> None:
        """Let go of what was loaded, unless it is in use; the next call loads it again."""


@runtime_checkable
class Wordless(Protocol):
    """An ability of a voice: whether a recording in which nobody says a word will do."""

    wordless: bool


@runtime_checkable
class DetectsLanguage(Protocol):
    """An ability of a transcriber: tell the language much faster than the words."""

    def detect_language(self, audio: Audio) -> tuple[str, float]:
        """Return the ISO 639-1 code and its probability; ("", 0.0) where nobody speaks."""


@runtime_checkable
class SpeaksLanguages(Protocol):
    """An ability of a voice: ``languages`` names those that it speaks, ISO 639-1 codes."""

    languages: tuple[str, ...]


@runtime_checkable
class KeepsLanguage(Protocol):
    """An ability of a text emoter: whether it writes in the language of the transcript."""

    keeps_language: bool


@runtime_checkable
class RatesFrames(Protocol):
    """An ability of a face emoter: say how fit frames are before any still is made of them.

    Where one still of several is wanted, only that one is then made.
    """

    def rate(self, frames: Sequence[Image] | Frames) -> list[float | None]:
        """Return the ``quality`` that ``emote`` would give to each frame's portrait.

        Raises:
            FaceError: a frame without a usable face.
        """


@runtime_checkable
class Seedable(Protocol):
    """An ability beyond a role's verb: the same backend with another seed, its models shared."""

    def seeded(self, seed: int) -> Self:
        """Return a backend that does what one made with this seed does; nothing is loaded anew."""


@runtime_checkable
class TextEmotionClassifier(Protocol):
    """Texts to probabilities of the emotions, for evaluation (paper, table 1: XLM-EMO)."""

    labels: tuple[str, ...]

    def classify(self, texts: Sequence[str]) -> EmotionScores:
        """Return one row per text, NaN for a text without words."""


@runtime_checkable
class SpeechEmotionClassifier(Protocol):
    """Sounds to probabilities, for evaluation (paper, table 2: wav2vec 2.0 on IEMOCAP)."""

    labels: tuple[str, ...]

    def classify(self, sounds: Sequence[Audio]) -> EmotionScores:
        """Return one row per sound, NaN for one that is too short or silent."""


@runtime_checkable
class PictureFeatures(Protocol):
    """Pictures to features for a Frechet distance (paper, table 3: Inception's, for FID).

    Attributes:
        name: model, layer and resizing, said in full.
    """

    name: str

    def features(self, batch: Frames) -> ArrayLike:
        """Return features (n, d) of RGB pictures, uint8 (n, h, w, 3)."""


@runtime_checkable
class PictureDistance(Protocol):
    """How different two pictures look that show the same (as LPIPS does)."""

    def distance(self, first: Image, second: Image) -> float:
        """Return the distance of two RGB pictures of one size, uint8 (h, w, 3); 0 if equal."""


@runtime_checkable
class PairMeasure(Protocol):
    """Whatever else somebody measures in a generated clip against its original."""

    def measure(self, original: Path, generated: Path) -> Mapping[str, float]:
        """Return numbers by name; NaN where one is not defined."""


@runtime_checkable
class Labelled(Protocol):
    """An ability of a classifier: say its labels before it is asked to classify."""

    labels: tuple[str, ...]


@runtime_checkable
class Streaming(Protocol):
    """An ability of a frame classifier: read a clip's frames as they come, one after the other.

    One person can then be followed through a whole clip whose frames are never held together.
    """

    def classify_stream(self, frames: Iterable[Image]) -> EmotionScores:
        """Return what ``classify`` does of frames uint8 (h, w, 3) RGB that are read once."""


@runtime_checkable
class Named(Protocol):
    """An ability of any backend: say its name, where it was given as an object."""

    name: str


@runtime_checkable
class Verifiable(Protocol):
    """An ability of a backend's class: check its weight files in earnest (``emoanim doctor``)."""

    @classmethod
    def verify(cls) -> Iterator[tuple[str, bool, str]]:
        """Yield (what was looked at, whether it is well, what was seen)."""
