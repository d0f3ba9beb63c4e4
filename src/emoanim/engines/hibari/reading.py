"""Text to the symbols that the network reads, word by word.

hibari's phonemiser (misaki's English lexicon and rules) gives one string of IPA-like letters per
word; a word keeps what prosody needs to know of it: where its stress lies and how much weight it
carries.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emoanim.engines.hibari.alphabet import arpabet
from emoanim.extras import require

__all__ = ["Reader", "Sentence", "Symbol", "spoken_words"]

LONGEST = 360
"""Symbols that the network is given at once; it was trained on up to 400."""

# The phonemiser's rating of a word: 3 and 4 are its dictionaries', 5 what is said here.
_FROM_DICTIONARY = 3
_PRIMARY, _SECONDARY = "ˈ", "ˌ"
VOWELS = frozenset("AIOQWYaɐæɑəɚɛɜiɪoɔuʊʌᵊᵻeɒ")
PAUSES = frozenset(";:,.!?—…")

# Read by rule these come out wrong ("ew" as "you", "shh" letter by letter).
_SAID = {
    "aah": "ˈɑː",
    "ahh": "ˈɑː",
    "argh": "ˈɑɹɡ",
    "aw": "ˈɔ",
    "aww": "ˈɔː",
    "blech": "blˈɛk",
    "ew": "ˈiju",
    "eww": "ˈiːju",
    "gah": "ɡˈɑ",
    "grr": "ɡˈɜɹ",
    "heh": "hˈɛ",
    "hm": "hˈʌm",
    "hmm": "hˈʌm",
    "hmph": "hˈʌmf",
    "meh": "mˈɛ",
    "mm": "ˈʌm",
    "mmm": "ˈʌm",
    "oof": "ˈuf",
    "ooh": "ˈuː",
    "oooh": "ˈuː",
    "pff": "pˈʌf",
    "pfft": "pˈʌft",
    "psst": "pˈɪst",
    "sh": "ʃˈʌ",
    "shh": "ʃˈʌ",
    "tsk": "tˈɪsk",
    "tut": "tˈʌt",
    "ugh": "ˈʌɡ",
    "uh-oh": "ˈʌˌO",
    "whew": "hwˈu",
    "woohoo": "wˌuhˈu",
    "yippee": "jɪpˈi",
}
# Words that carry feeling are said with more weight than their class would have.
_FEELING = """
    absolutely actually all always amazing amazingly angry annoying awful awfully beautiful best
    completely dare deeply delighted disgusting disgusted dreadful enough entirely ever every
    exactly fantastic finally furious furiously glad gladly gorgeous great gross happily happy hate
    heartbroken horrible horribly hurts incredible incredibly joy love lovely lost miserable
    miserably never no nobody none nothing not outrageous outrageously pathetic pathetically
    perfect perfectly please real really revolting ridiculous sad sadly scared scary seriously sick
    sickening simply sorry so still stop stupid such super terrible terribly terrified terrifying
    thrilled too totally truly ugly unacceptable unbelievable utterly very vile wonderful
    wonderfully worst worse wow wrong ugh ew eww yuck
    """
_WEIGHTY = frozenset(_FEELING.split())
_WEAK_TAGS = frozenset(
    ["CC", "DT", "EX", "IN", "MD", "PDT", "POS", "PRP", "PRP$", "RP", "TO", "WDT", "WP", "WP$"]
)
_AUXILIARIES = "am are be been being can could do does did has have had is was were"
_WEAK_WORDS = frozenset(_AUXILIARIES.split())


@dataclass(frozen=True, slots=True)
class Symbol:
    """One letter that the network reads.

    Attributes:
        letter: of the network's alphabet.
        word: index of its word in the sentence; -1 for spaces and punctuation.
        weight: of that word in 0..1, for the vowel that carries its main stress; else 0.
    """

    letter: str
    word: int
    weight: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the network reads at once.

    Attributes:
        symbols: in order, at most ``LONGEST``.
        words: as written.
        end: the punctuation that ends it, "," for a cut inside a sentence.
        guessed: how many of the words no dictionary has, so that they are read by rule.
    """

    symbols: tuple[Symbol, ...]
    words: tuple[str, ...]
    end: str
    guessed: int = 0


class Reader:
    """hibari's phonemiser, loaded once."""

    def __init__(self) -> None:
        g2p = require("hibari.g2p", "hibari")
        self._split = require("hibari.tts", "hibari").Hibari.split_sentences
        self._normalize = require("hibari.g2p.normalize", "hibari").normalize
        self._g2p: Any = g2p.G2P()
        self._alphabet: dict[str, int] = json.loads(
            (Path(g2p.ASSETS) / "vocab.json").read_text(encoding="utf-8")
        )
        self._lock = threading.Lock()

    def ids(self, symbols: tuple[Symbol, ...]) -> list[int]:
        """Return the network's numbers; the pads at both ends are 0."""
        return [0, *(self._alphabet[s.letter] for s in symbols), 0]

    def sentences(self, text: str) -> list[Sentence]:
        """Return what is to be read, cut into sentences."""
        out: list[Sentence] = []
        with self._lock:
            for sentence in self._split(_plain(text)):
                out += self._sentence(sentence)
        return out

    def _sentence(self, text: str) -> Iterator[Sentence]:
        shouted = self._shouted(text)
        text = " ".join(w.lower() if w in shouted else w for w in text.split(" "))
        tokens = self._g2p.tokenize(self._normalize(text))
        for token in tokens:
            said = _SAID.get(token.text.lower())
            if said and token.phonemes is None:
                token.phonemes, token.rating = said, 5
        loud = {re.sub(r"\W", "", w).lower() for w in shouted}
        symbols: list[Symbol] = []
        words: list[str] = []
        guessed = 0
        end = ""
        for token in self._g2p.phonemize_tokens(tokens):
            letters = [c for c in token.phonemes or "" if c in self._alphabet]
            if any(c in VOWELS or c.isalpha() for c in letters):
                weight = _weight(token, loud)
                symbols += _spell(letters, len(words), weight)
                words.append(token.text)
                guessed += (token.rating or 0) < _FROM_DICTIONARY
            else:
                symbols += [Symbol(c, -1, 0.0) for c in letters]
                end = next((c for c in letters if c in PAUSES), end)
            if token.whitespace and symbols and symbols[-1].letter != " ":
                symbols.append(Symbol(" ", -1, 0.0))
        while symbols and symbols[-1].letter == " ":
            symbols.pop()
        for part, last in _parts(symbols):
            yield Sentence(tuple(part), tuple(words), (end or ".") if last else ",", guessed)

    def _shouted(self, text: str) -> set[str]:
        """Return the words in capitals that are no abbreviations ("SO", but not "NASA")."""
        golds = self._g2p.lexicon.golds
        shouted = set()
        for word in text.split(" "):
            bare = re.sub(r"\W", "", word)
            if len(bare) > 1 and bare.isupper() and bare not in golds and bare.lower() in golds:
                shouted.add(word)
        return shouted


def spoken_words(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the words of a text in lower case with their ARPAbet sounds.

    A number or abbreviation is one word with all of its sounds.
    """
    out: list[tuple[str, tuple[str, ...]]] = []
    for sentence in _shared().sentences(text):
        for index, word in enumerate(sentence.words):
            letters = [s.letter for s in sentence.symbols if s.word == index]
            sounds = arpabet(letters)
            spelled = re.sub(r"[^\w']", "", word.lower())
            if sounds and spelled:
                out.append((spelled, tuple(sounds)))
    return out


def release() -> None:
    """Let go of the reader that ``spelled`` loaded, about 70 MB; it loads another."""
    _shared.cache_clear()


@functools.lru_cache(maxsize=1)
def _shared() -> Reader:
    return Reader()


def _plain(text: str) -> str:
    """Write dashes, dots and quotes the way the phonemiser knows them."""
    text = text.replace("’", "'").replace("‘", "'")
    text = re.sub(r"\s*(?:\.\s*){2,}|\s*…+\.*", "… ", text)
    text = re.sub(r"\s+-{1,3}\s+|\s*-{2,}\s*|\s*–\s+", " — ", text)
    text = re.sub(r"([!?])[!?]+", r"\1", text)
    # "no." is read as "number" by the phonemiser unless the stop stands apart.
    text = re.sub(r"\b([Nn]o)\.(?!\s*\d)", r"\1 .", text)
    return re.sub(r"[ \t]+", " ", text).strip()


def _weight(token: Any, loud: set[str]) -> float:
    word = token.text.lower()
    if word in loud:
        return 1.0
    if word in _WEIGHTY or word in _SAID:
        return 0.9
    if token.tag in _WEAK_TAGS or word in _WEAK_WORDS:
        return 0.1
    return 0.5


def _spell(letters: list[str], word: int, weight: float) -> Iterator[Symbol]:
    """Give the weight to the vowel after the main stress mark, or to the first vowel."""
    start = letters.index(_PRIMARY) if _PRIMARY in letters else 0
    if _PRIMARY not in letters and _SECONDARY in letters:
        weight *= 0.5
    vowel = next((i for i in range(start, len(letters)) if letters[i] in VOWELS), -1)
    for i, letter in enumerate(letters):
        yield Symbol(letter, word, weight if i == vowel else 0.0)


def _parts(symbols: list[Symbol]) -> Iterator[tuple[list[Symbol], bool]]:
    """Cut what is too long, after a pause if there is one, else between words."""
    while len(symbols) > LONGEST:
        head = symbols[:LONGEST]
        cut = _last(head, PAUSES, 40) or _last(head, frozenset(" "), 1) or LONGEST
        yield symbols[:cut], False
        symbols = symbols[cut:]
        while symbols and symbols[0].letter == " ":
            symbols = symbols[1:]
    if symbols:
        yield symbols, True


def _last(symbols: list[Symbol], letters: frozenset[str], least: int) -> int:
    """Return the place after the last of these letters; 0 if there is none beyond ``least``."""
    for index in range(len(symbols) - 1, least, -1):
        if symbols[index].letter in letters:
            return index + 1
    return 0
