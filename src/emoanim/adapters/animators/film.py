"""The offline animator for films: every frame stays, only the person's face changes."""

from __future__ import annotations

import copy
import logging
from dataclasses import replace
from typing import NamedTuple

from emoanim.analyses import recalled
from emoanim.clips import Animation, Clip, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.film.film import Film
from emoanim.engines.film.film_record import film_from, record_of
from emoanim.engines.film.new_words import new_words
from emoanim.engines.film.same_words import same_words
from emoanim.errors import FaceError, SettingsError
from emoanim.extras import require
from emoanim.faces import FaceFinder, shared_finder
from emoanim.language.phones import heard
from emoanim.persons import Person, PersonClip, whole_picture
from emoanim.protocols import ClipAnalyses
from emoanim.registry import backend
from emoanim.registry.bounds import check_range
from emoanim.registry.verbs import options_repr, verb

__all__ = ["FilmAnimator"]

_LOG = logging.getLogger(__name__)


class _Read(NamedTuple):
    source: Clip
    whose: Person | None
    film: Film | None


class FilmAnimator:
    """The clip's own frames, with the emotion laid on the person's face.

    Head, hands, eyes, blinks, hair and background stay the person's own, at the clip's size and
    rate. Where the speech is the recording said again (``Speech.time_map``), the lips stay as well
    and the film runs along with it; other words get lips of their own, and the film is walked
    forwards and backwards as long as they last, from the portrait's moment on. Of the portrait
    only its time is used, and whether its face emoter was ``keep``: then the face stays as it is.

    Args:
        seed: of the life in the expression of new words.
        person: x and y of the person in shares of the picture, from its top left; the largest face
            by default. Everybody else stays as they are.
        still: animator of portraits without a film, or with one that is too short or begins with
            nobody in it for 12 seconds.
        shortest: film that is long enough, seconds.
        threads: frames that are rendered at the same time.
        finder: of faces, to share one that is loaded.

    Raises:
        SettingsError: an option out of its range.
        MissingExtraError: opencv is not installed.
    """

    name = "film"

    def __init__(
        self,
        seed: int = 0,
        person: tuple[float, float] | None = None,
        still: str = "rig",
        shortest: float = 1.0,
        threads: int = 2,
        finder: FaceFinder | None = None,
    ) -> None:
        check_range("seed", seed, 0)
        check_range("threads", threads, 1, 64)
        if person is not None and not (
            len(person) == 2 and all(0.0 <= share <= 1.0 for share in person)
        ):
            raise SettingsError(
                f"person {person!r} given; expected x and y in shares of the picture, such as "
                "(0.25, 0.4)."
            )
        check_range("shortest", shortest, 0.0, 60.0, "seconds")
        require("cv2", "rig")
        self._seed = seed
        self._person = None if person is None else whole_picture((person[0], person[1]))
        self._still, self._shortest = still, shortest
        self._threads = threads
        self._finder = finder or shared_finder()
        self._known: list[_Read] = []
        self._analyses: ClipAnalyses | None = None

    __repr__ = options_repr

    def prepare(self, portrait: Portrait, source: Clip) -> None:
        """Read the film while the speech is being made."""
        self._read(source)

    def keep_analyses(self, analyses: ClipAnalyses) -> None:
        """Keep there how a person was followed through a clip, and look there first."""
        self._analyses = analyses

    def seeded(self, seed: int) -> FilmAnimator:
        """Return one with another seed that shares the face finder and the film."""
        other = copy.copy(self)
        other._seed = seed
        return other

    def of_person(self, person: Person) -> FilmAnimator:
        """Return one that changes that person of its source, and nobody else."""
        other = copy.copy(self)
        other._person = person
        return other

    @verb
    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        prompt: EmotionPrompt,
        source: Clip | None = None,
    ) -> Animation:
        """Return frames that cover the speech, rendered as they are read.

        Raises:
            FaceError: there is no film of a face, and no face in the portrait either.
        """
        film = None if source is None else self._read(source)
        if film is None:
            still = backend("animator", self._still, seed=self._seed, threads=self._threads)
            if source is not None and self._person is not None:
                source = PersonClip(source, self._person)
            return still.animate(portrait, speech, prompt, source)
        if portrait.emoter == "keep":  # no emotion was put on the still, so none goes on the film
            prompt, speech = replace(prompt, intensity=0.0, others=()), replace(speech, passages=())
        if speech.time_map:
            return same_words(film, speech, prompt, speech.time_map, self._threads)
        if not speech.phones and speech.text.strip():
            phones = heard(speech.audio, speech.text, speech.language)
            speech = replace(speech, phones=phones)
        return new_words(film, speech, prompt, self._seed, portrait.time, self._threads)

    def _read(self, source: Clip) -> Film | None:
        """Return the film of a clip, None if it is too short or shows nobody; the last is kept."""
        known = self._known[0] if self._known else None
        if known is None or known.source is not source or known.whose != self._person:
            film = None
            if source.duration >= self._shortest:
                film = recalled(
                    self._analyses, "film/6", source, lambda: self._learnt(source), record_of,
                    lambda record: film_from(record, source, self._finder, self._person),
                    person=None if self._person is None else self._person.to_list(),
                )  # fmt: skip
            self._known[:] = [_Read(source, self._person, film)]
        return self._known[0].film

    def _learnt(self, source: Clip) -> Film | None:
        try:
            return Film(source, self._finder, self._person)
        except FaceError as error:
            _LOG.info("a still is animated instead: %s", error)
            return None
