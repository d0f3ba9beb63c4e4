"""Language packs: all that the rewriter knows of a language, as TOML files in one folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from emoanim.engines.lexicon.inflection import pattern_of
from emoanim.engines.lexicon.moves import (
    Book,
    Echo,
    Edit,
    TalkMoves,
    book_of,
    echoes_of,
    edits_of,
    talk_moves_of,
)
from emoanim.engines.lexicon.pattern_parts import filled
from emoanim.engines.lexicon.scenes import Scene, scenes_of
from emoanim.errors import SettingsError
from emoanim.parsing import parse_toml, read_text

__all__ = ["ENGLISH", "GROUP", "CalmWords", "LanguagePack", "load_pack", "pack_for"]

GROUP = "emoanim.language_packs"
"""Entry points of installed packs: name = language code, value = a package that holds the files."""

ENGLISH = Path(__file__).parent / "en"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class CalmWords:
    """What ``neutral`` takes away or replaces, lower case."""

    interjections: tuple[str, ...]
    intensifiers: frozenset[str]
    softer: Mapping[str, str]
    softer_verbs: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class LanguagePack:
    """A language as the rewriter knows it.

    Attributes:
        language: ISO 639-1 code.
        name: of the language, for people.
        licence: of the pack.
        words: name -> closed list, from ``words.toml``.
        acts: (name, patterns) in the order in which they are tried, from ``acts.toml``.
        events: (kind, whether good, patterns) from ``events.toml``; None: said without meaning it.
        tones: "dim", "bright", "heavy" -> words that sound so, from ``tones.toml``, which may be
            missing.
        commas: (pattern, what is put) of what is said in passing in a raw text, from
            ``commas.toml``, which may be missing.
        tags: (tag, patterns) for what else may be told from a sentence, from ``tags.toml``.
        books: emotion -> phrases, from ``phrases/<emotion>.toml``.
        edits: changes inside a sentence, from ``edits.toml``.
        echoes: what may be said again after it, from the same.
        calm: from ``calm.toml``.
        talk: what is done in a talk, from ``talk.toml``; None where there is none.
        scenes: what is seen in a sentence as a whole, from ``scenes.toml``, which may be missing.
    """

    language: str
    name: str
    licence: str
    words: Mapping[str, frozenset[str]]
    acts: tuple[tuple[str, tuple[re.Pattern[str] | None, ...]], ...]
    events: tuple[tuple[str, bool | None, re.Pattern[str]], ...]
    tones: Mapping[str, re.Pattern[str]]
    commas: tuple[tuple[re.Pattern[str], str], ...]
    tags: tuple[tuple[str, re.Pattern[str]], ...]
    books: Mapping[str, Book]
    edits: tuple[Edit, ...]
    echoes: tuple[Echo, ...]
    calm: CalmWords
    talk: TalkMoves | None = None
    scenes: tuple[Scene, ...] = ()


@cache
def load_pack(folder: str | Path) -> LanguagePack:
    """Read a language pack.

    Raises:
        SettingsError: a file is missing, is no TOML, or holds what the format does not know.
    """
    root = Path(folder)
    about = _toml(root / "pack.toml")
    if about.get("format") != _FORMAT or not isinstance(about.get("language"), str):
        raise SettingsError(
            f"the language pack {str(root)!r} has format {about.get('format')!r} and language "
            f"{about.get('language')!r}; expected format = {_FORMAT} and a code such as 'de' in "
            "its pack.toml. See docs/language-packs.md."
        )
    try:
        return _assembled(root, about)
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise SettingsError(
            f"the language pack {str(root)!r} cannot be used: {str(error).rstrip('.')}. "
            "See docs/language-packs.md for its format."
        ) from error


def pack_for(language: str) -> LanguagePack | None:
    """Return the pack of a language: English, or one that is installed; None if there is none."""
    code = re.split(r"[-_]", language.lower())[0]
    if code in ("en", ""):
        return load_pack(ENGLISH)
    for entry in entry_points(group=GROUP):
        if entry.name == code:
            module = entry.load()
            return load_pack(Path(str(module.__file__)).parent)
    return None


def _assembled(root: Path, about: Mapping[str, Any]) -> LanguagePack:
    words = {
        name: frozenset(value.split() if isinstance(value, str) else value)
        for name, value in _toml(root / "words.toml").items()
    }
    words |= _names(root / "names.toml")
    acts = tuple(
        (str(act["name"]), tuple(None if p == "{q}" else re.compile(p) for p in act["patterns"]))
        for act in _toml(root / "acts.toml")["act"]
    )
    tags = tuple(
        (name, re.compile("|".join(f"(?:{p})" for p in patterns)))
        for name, patterns in _toml(root / "tags.toml").items()
    )
    calm = _toml(root / "calm.toml")
    changes = _toml(root / "edits.toml")
    books = {
        path.stem: book_of(_toml(path), path.name, about.get("silent", []))
        for path in sorted((root / "phrases").glob("*.toml"))
    }
    return LanguagePack(
        language=str(about["language"]),
        name=str(about.get("name", about["language"])),
        licence=str(about.get("licence", "unknown")),
        words=words,
        acts=acts,
        events=_events(_toml(root / "events.toml")),
        tones=_tones(root / "tones.toml"),
        commas=_commas(root / "commas.toml", words),
        tags=tags,
        books=books,
        edits=edits_of(changes),
        echoes=echoes_of(changes),
        calm=CalmWords(
            tuple(sorted(calm["interjections"], key=len, reverse=True)),
            frozenset(calm["intensifiers"].split()),
            calm["softer"],
            calm["softer_verbs"],
        ),
        talk=_talk(root / "talk.toml", books),
        scenes=_scenes(root / "scenes.toml"),
    )


def _talk(path: Path, books: Mapping[str, Book]) -> TalkMoves | None:
    """Return what is done in a talk; a pack may do without."""
    if not path.exists():
        return None
    return talk_moves_of(_toml(path), {e for e, book in books.items() if book.stop == "!"})


def _scenes(path: Path) -> tuple[Scene, ...]:
    """Return the scenes; a pack may do without."""
    return scenes_of(_toml(path)) if path.exists() else ()


def _names(path: Path) -> dict[str, frozenset[str]]:
    """Return the lists by which raw text is restored; a pack may do without them."""
    if not path.exists():
        return {}
    lists = {k: frozenset(v.split() if isinstance(v, str) else v) for k, v in _toml(path).items()}
    proper = ("calendar", "first_names", "places", "peoples", "brands")
    return {
        "names": frozenset().union(*(lists[name] for name in proper)),
        "name_phrases": lists["phrases"],
        "upper": lists["upper"],
        "openers": lists["openers"],
        "joiners": lists["joiners"],
        "clause_subjects": lists["subjects"],
        "comma_before": lists["before_comma"],
        "fillers": lists["fillers"],
        "clause_pronouns": lists.get("pronouns", frozenset()),
        "clause_objects": lists.get("objects", frozenset()),
        "going_on": lists.get("going_on", frozenset()),
        "governing": lists.get("governing", frozenset()),
    }


def _commas(
    path: Path, words: Mapping[str, frozenset[str]]
) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return what is put into a raw text, in order; nothing where there is no file.

    Without names a raw text stays as it is, and these have nothing to do.
    """
    if "names" not in words or not path.exists():
        return ()
    data = _toml(path)
    parts = {n: "|".join(sorted(map(re.escape, listed))) for n, listed in words.items()}
    parts |= data.get("parts", {})
    return tuple(
        (re.compile(filled(comma["find"], parts, "commas.toml")), str(comma["put"]))
        for comma in data["comma"]
    )


def _tones(path: Path) -> dict[str, re.Pattern[str]]:
    """Return the patterns of words that sound dim or bright; none match where there is no file."""
    lists = _toml(path) if path.exists() else {}
    return {
        name: re.compile(
            "|".join(
                rf"(?<![\w'])(?:{pattern_of(word)})(?![\w'])"
                for word in lists.get(name, "").split()
            )
            or r"(?!)"
        )
        for name in ("dim", "bright", "heavy")
    }


def _events(
    data: Mapping[str, Mapping[str, list[str]]],
) -> tuple[tuple[str, bool | None, re.Pattern[str]], ...]:
    events: list[tuple[str, bool | None, re.Pattern[str]]] = []
    for side, good in (("idle", None), ("bad", False), ("good", True)):
        for kind, phrases in data.get(side, {}).items():
            ordered = sorted(phrases, key=len, reverse=True)
            joined = "|".join(pattern_of(phrase) for phrase in ordered)
            events.append((kind, good, re.compile(rf"(?<![\w'-])(?:{joined})(?![\w'-])", re.I)))
    for kind, patterns in data.get("cased", {}).items():
        events.append((kind, kind in data.get("good", {}), re.compile("|".join(patterns))))
    return tuple(events)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return parse_toml(read_text(path))
    except OSError as error:
        raise SettingsError(
            f"the language pack's file {str(path)!r} cannot be read: {error.strerror}. A pack "
            "holds pack, words, acts, tags, events, edits and calm.toml and a folder phrases."
        ) from error
    except ValueError as error:
        raise SettingsError(
            f"the language pack's file {str(path)!r} is no TOML: {error}. Mend that line."
        ) from error
