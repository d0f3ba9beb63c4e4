"""A language is a folder of files; a bad one says what is wrong."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.clips import Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.lexicon import packs
from emoanim.engines.lexicon.inflection import pattern_of
from emoanim.engines.lexicon.moves import Fits
from emoanim.engines.lexicon.packs import load_pack, pack_for
from emoanim.engines.lexicon.restoring import restored
from emoanim.errors import SettingsError

ENGLISH = Path(packs.__file__).parent / "en"
ANGRY = EmotionPrompt(Emotion.ANGER, 1.0)


@pytest.fixture
def german(tmp_path: Path) -> Path:
    folder = tmp_path / "de"
    shutil.copytree(ENGLISH, folder)
    (folder / "names.toml").unlink()
    (folder / "pack.toml").write_text('format = 1\nlanguage = "de"\nname = "German"\n')
    (folder / "acts.toml").write_text("[[act]]\nname = \"statement\"\npatterns = ['']\n")
    (folder / "edits.toml").write_text("edit = []\n")
    (folder / "events.toml").write_text('[bad]\ngrievance = ["zu spät"]\n')
    shutil.rmtree(folder / "phrases")
    (folder / "phrases").mkdir()
    (folder / "phrases" / "anger.toml").write_text(
        'stop = "!"\n[[phrase]]\nslot = "tail"\nrank = 2\nfits = ["grievance"]\n'
        'texts = ["Schon wieder!"]\n'
    )
    return folder


def test_a_pack_is_all_it_takes(german):
    emoter = LexiconTextEmoter(pack=german)
    text = "Der Bus kam heute zu spät."
    assert (
        emoter.rewrite(Transcript(text, "de"), ANGRY) == "Der Bus kam heute zu spät! Schon wieder!"
    )
    assert emoter.rewrite(Transcript("Der Bus kam.", "de"), ANGRY) == "Der Bus kam!"
    made = emoter.rewrite_with_record(Transcript(text, "de"), EmotionPrompt(Emotion.SAD))
    assert made.text == text
    assert "sad in German" in made.notes[0]


def test_what_is_said_in_passing_is_the_packs(german):
    shutil.copy(ENGLISH / "names.toml", german)
    (german / "commas.toml").write_text(
        "[parts]\nsubject = '(?:ich|wir)'\n"
        "[[comma]]\nfind = '^(also|{fillers}) (?={subject})'\nput = '\\1, '\n"
    )
    assert restored("okay wir gehen", load_pack(german)) == "Okay, wir gehen."
    load_pack.cache_clear()
    (german / "commas.toml").write_text("[[comma]]\nfind = '{subjekt} like'\nput = ''\n")
    with pytest.raises(SettingsError, match=r"commas\.toml uses \{subjekt\}"):
        load_pack(german)
    (german / "commas.toml").unlink()
    assert restored("yeah no wir gehen", load_pack(german)) == "Yeah no wir gehen."


def test_an_installed_pack_is_found(german, monkeypatch):
    class Entry:
        name = "de"

        def load(self):
            return type("module", (), {"__file__": str(german / "__init__.py")})

    monkeypatch.setattr(packs, "entry_points", lambda group: [Entry()])
    found = pack_for("de-AT")
    assert found is not None
    assert found.name == "German"
    assert pack_for("fr") is None


@pytest.mark.parametrize(
    ("file", "text", "what"),
    [
        ("pack.toml", "format = 2\nlanguage = 'de'\n", "format 2"),
        ("pack.toml", "format = ", "no TOML"),
        ("acts.toml", "[[act]]\nname = 'a'\npatterns = ['(']\n", "cannot be used"),
        ("edits.toml", "[[edit]]\nname='x'\nemotions=[]\nfits=[]\nfind='a'\nput='\\1'\n", "'x'"),
        ("phrases/anger.toml", "stop='!'\n[[phrase]]\nslot='x'\nfits=[]\ntexts=[]\n", "slot 'x'"),
        ("calm.toml", "x = 1", "interjections"),
    ],
)
def test_a_bad_pack_says_what_is_wrong(german, file, text, what):
    (german / file).write_text(text)
    with pytest.raises(SettingsError, match=re.escape(what)):
        load_pack(str(german))


def test_a_missing_pack(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        LexiconTextEmoter(pack=tmp_path / "none")


def test_every_emotion_has_phrases_and_every_tag_is_known():
    english = pack_for("en")
    assert set(english.books) == {str(e) for e in Emotion if e is not Emotion.NEUTRAL}
    known = {name for name, _ in english.acts} | {name for name, _ in english.tags}
    known |= {kind for kind, _, _ in english.events}
    known |= {tag for scene in english.scenes for tag in (scene.name, scene.family)}
    known |= {
        "bad",
        "good",
        "mixed",
        "plain",
        "grave",
        "near-grave",
        "near-joy",
        "talk",
        "relief",
        "letdown",
        "reassurance",
        "mine",
        "yours",
        "theirs",
        "by-me",
        "by-you",
        "by-them",
        "past",
        "present",
        "denied",
        "short",
        "long",
        "item",
        "background",
        "late",
        "dim",
        "bright",
        "heavy",
        "contested",
        "sour",
    }
    fits = [(e.name, e.fits) for e in english.edits]
    for emotion, book in english.books.items():
        fits += [(f"{emotion}: {p.text}", p.fits) for p in book.phrases]
        fits += [(emotion, f) for f in (book.silent, book.calm_end, book.echo)]
    for name, each in fits:
        for wanted, unwanted in each.choices:
            assert wanted | unwanted <= known, name


@pytest.mark.parametrize(
    ("phrase", "yes", "no"),
    [
        ("crash*", ["crash", "crashes", "crashed", "crashing"], ["crashland"]),
        ("rob*", ["robs", "robbed", "robbing"], ["robe d"]),
        ("carry*", ["carries", "carried", "carrying"], ["carrys"]),
        ("fire*", ["fired", "firing", "fires"], ["firs"]),
        ("let * go", ["let them go"], ["let go"]),
        ("still (doesn't|don't) work", ["still don't work"], ["still work"]),
        ("dead (rat|bird)", ["dead rat"], ["dead cat"]),
    ],
)
def test_patterns_of_words(phrase, yes, no):
    pattern = pattern_of(phrase)
    assert all(re.fullmatch(pattern, text) for text in yes)
    assert not any(re.fullmatch(pattern, text) for text in no)


@pytest.mark.parametrize(
    ("line", "tags", "fits"),
    [
        ("any", {"plain"}, True),
        ("any", {"plain", "thanks"}, False),
        ("thanks", {"plain", "thanks"}, True),
        ("death mine", {"death", "mine", "grave"}, True),
        ("bad", {"death", "bad", "grave"}, False),
        ("grave", {"death", "grave", "near-grave"}, True),
        ("bad -mine", {"bad", "mine"}, False),
    ],
)
def test_what_fits(line, tags, fits):
    assert Fits.of([line])(tags) is fits
