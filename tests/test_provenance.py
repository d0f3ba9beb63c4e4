"""What is made says what it is: signed, readable by an independent reader, and broken by a byte."""

from __future__ import annotations

import json
import random
import sys
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim import EDAPipeline, provenance
from emoanim.cli import main
from emoanim.clips import Animation, Audio, Frame
from emoanim.errors import MediaError, OutputError, SettingsError
from emoanim.media import Video, read_audio, read_image, write_image, write_video, write_wav
from emoanim.provenance import Manifest
from emoanim.provenance.credentials import credentials
from emoanim.provenance.fingerprint import fingerprint
from emoanim.runs.marking import Marking
from emoanim.testing.clips import make_clip, make_tone, pattern

Maker = Callable[..., Path]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    for name in ("EMOANIM_SIGNING_CERTIFICATE", "EMOANIM_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


def _video(path: Path, **options: Any) -> Path:
    frames = (pattern(i) for i in range(10))
    return write_video(path, Animation(25, (128, 96), 10, frames), make_tone(0.4), **options)


def _sound(path: Path, **options: Any) -> Path:
    return write_wav(path, make_tone(0.4), **options)


def _picture(path: Path, **options: Any) -> Path:
    return write_image(path, pattern(1), **options)


MAKERS = [("a.mp4", _video), ("a.mov", _video), ("a.wav", _sound), ("a.png", _picture)]
KINDS = {".mp4": "video/mp4", ".mov": "video/quicktime", ".wav": "audio/wav", ".png": "image/png"}


def _independent(path: Path) -> Any:
    """What the reader of the C2PA project finds, without any of our code."""
    import c2pa

    with path.open("rb") as file, c2pa.Reader(KINDS[path.suffix], file) as reader:
        return json.loads(reader.json()), reader.get_validation_state()


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_a_signed_file_is_verified_by_an_independent_reader(
    tmp_path: Path, name: str, make: Maker
) -> None:
    source = make_clip(tmp_path / "in.mp4", seconds=0.4)
    manifest = Manifest("anger", source, {"seed": 3}, {"seed": "3"})
    store, state = _independent(make(tmp_path / name, sign=manifest.sign))
    assert state == "Valid"
    active = store["manifests"][store["active_manifest"]]
    assert active["claim_generator_info"][0]["name"] == "emoanim"
    assert [i["title"] for i in active["ingredients"]] == ["in.mp4"]
    actions = next(a for a in active["assertions"] if a["label"].startswith("c2pa.actions"))
    kinds = [a.get("digitalSourceType", "") for a in actions["data"]["actions"]]
    assert kinds[-1].endswith("compositeWithTrainedAlgorithmicMedia")
    making = next(a["data"] for a in active["assertions"] if a["label"] == "org.emoanim.making")
    assert making["emotion"] == "anger"
    assert len(making["settings_sha256"]) == len(making["source_sha256"]) == 64


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_the_content_is_what_it_was(tmp_path: Path, name: str, make: Maker) -> None:
    plain = make(tmp_path / f"plain{name}")
    signed = make(tmp_path / name, tags=provenance.tags("sad"), sign=Manifest("sad").sign)
    if name.endswith(".wav"):
        assert np.array_equal(read_audio(plain).samples, read_audio(signed).samples)
    elif name.endswith(".png"):
        assert np.array_equal(read_image(plain), read_image(signed))
    else:
        pairs = zip(Video(plain).frames(), Video(signed).frames(), strict=True)
        assert all(np.array_equal(a.image, b.image) for a, b in pairs)
        assert provenance.read(signed).emotion == "sad"
    assert provenance.read(signed).generated


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_a_changed_byte_is_told(tmp_path: Path, name: str, make: Maker) -> None:
    path = make(tmp_path / name, sign=Manifest("sad").sign)
    assert provenance.inspect(path).state == "signed"
    data = path.read_bytes()
    marker = {".wav": b"data", ".png": b"IDAT"}.get(path.suffix, b"mdat")
    content = data.index(marker) + 8
    size = len(data) // 4 if path.suffix != ".png" else 400
    rng = random.Random(5)
    changed = tmp_path / f"changed{path.suffix}"
    for _ in range(60):
        place = rng.randrange(content, content + size)
        altered = bytearray(data)
        altered[place] ^= 1 << rng.randrange(8)
        changed.write_bytes(bytes(altered))
        try:
            found = provenance.inspect(changed)
        except MediaError:
            continue  # no longer a file of its kind
        assert found.state != "signed", place


def test_what_was_made_before_is_an_ingredient_with_its_own_manifest(tmp_path: Path) -> None:
    first = _video(tmp_path / "first.mp4", sign=Manifest("happiness").sign)
    second = _video(tmp_path / "second.mp4", sign=Manifest("anger", first).sign)
    store, state = _independent(second)
    assert state == "Valid"
    assert len(store["manifests"]) == 2


@pytest.mark.parametrize("name", ["in.mkv", "in.webm", "noise.dat"])
def test_a_source_of_another_kind_is_named(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(b"anything")
    path = _video(tmp_path / "a.mp4", sign=Manifest("sad", source).sign)
    found = provenance.inspect(path)
    assert found.state == "signed"
    assert found.sources == (name,)


def test_matroska_holds_none(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot hold a signed manifest"):
        _video(tmp_path / "a.mkv", sign=Manifest("sad").sign)
    assert [p.name for p in tmp_path.iterdir()] == []


# the machine's own certificate


def test_the_machine_s_certificate_is_made_once_and_private(own_cache: Path) -> None:
    first, second = credentials(), credentials()
    assert first == second
    assert not first.own
    kept = own_cache / "signing" / "local.pem"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in repr(first)


@pytest.mark.parametrize("content", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\n", None])
def test_a_damaged_certificate_is_made_anew(own_cache: Path, content: bytes | None) -> None:
    credentials()
    kept = own_cache / "signing" / "local.pem"
    kept.write_bytes(kept.read_bytes()[:-300] if content is None else content)
    made = credentials()
    assert made.certificates.count(b"BEGIN CERTIFICATE") == 2
    assert credentials() == made


def test_a_certificate_of_the_future_is_made_anew(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a clock was set back: signing with it would fail when all the work is done."""
    from emoanim.provenance import credentials as module

    with monkeypatch.context() as later:
        later.setattr(module, "_now", lambda: datetime.now(UTC) + timedelta(days=2))
        ahead = credentials()
    assert credentials() != ahead
    path = _sound(tmp_path / "a.wav", sign=Manifest("sad").sign)
    assert provenance.inspect(path).state == "signed"


def test_an_expired_certificate_changes_no_byte(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emoanim.provenance import credentials as module

    monkeypatch.setattr(module, "_VALID", timedelta(seconds=2))
    path = _sound(tmp_path / "a.wav", sign=Manifest("sad").sign)
    time.sleep(3.1)
    old = provenance.inspect(path)
    assert old.state == "signed"
    assert any("not valid today" in sentence for sentence in old.sentences())
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    assert provenance.inspect(path).state == "changed"


def test_a_cache_that_cannot_be_written_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "file"))
    path = _sound(tmp_path / "a.wav", sign=Manifest("sad").sign)
    assert provenance.inspect(path).state == "signed"


# the user's own


def _own(folder: Path, kind: str) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from emoanim.provenance import credentials as module

    made = module._self_made()
    (folder / "chain.pem").write_bytes(made.certificates)
    key = made.key
    if kind == "other":
        other = ec.generate_private_key(ec.SECP256R1())
        key = other.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    (folder / "key.pem").write_bytes(b"no key" if kind == "broken" else key)


def test_the_user_s_certificate_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _own(tmp_path, "good")
    monkeypatch.setenv("EMOANIM_SIGNING_CERTIFICATE", str(tmp_path / "chain.pem"))
    monkeypatch.setenv("EMOANIM_SIGNING_KEY", str(tmp_path / "key.pem"))
    assert credentials().own
    assert provenance.inspect(_sound(tmp_path / "a.wav", sign=Manifest("sad").sign)).signer


@pytest.mark.parametrize("kind", ["broken", "other", "missing", "alone"])
def test_a_certificate_that_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    _own(tmp_path, kind)
    monkeypatch.setenv("EMOANIM_SIGNING_CERTIFICATE", str(tmp_path / "chain.pem"))
    if kind != "alone":
        name = "nothing.pem" if kind == "missing" else "key.pem"
        monkeypatch.setenv("EMOANIM_SIGNING_KEY", str(tmp_path / name))
    with pytest.raises((SettingsError, OutputError)) as caught:
        _sound(tmp_path / "a.wav", sign=Manifest("sad").sign)
    assert "\n" not in str(caught.value)
    assert "PRIVATE" not in str(caught.value)
    assert not (tmp_path / "a.wav").exists()


# a run


def test_every_file_of_a_run_says_what_it_is(
    tmp_path: Path, moving_portrait: Path, tiny_parts: dict[str, Any]
) -> None:
    pipeline = EDAPipeline(**tiny_parts, takes="all", stills=2)
    keep = tmp_path / "keep"
    result = pipeline(moving_portrait, "happy", output=tmp_path / "out.mp4", keep=keep)
    media = [*result.takes, *keep.rglob("*.png"), *keep.rglob("*.wav")]
    assert len(media) == 7
    for path in media:
        found = provenance.inspect(path)
        assert found.state == "signed", path
        assert found.generated == (path.parent.name != "frames"), path
        assert found.sources == (moving_portrait.name,)
    about = json.loads((keep / "about.json").read_text())
    own = ("about.json", "run.json")  # they say it themselves
    assert set(about["files"]) == {
        p.relative_to(keep).as_posix() for p in keep.rglob("*.*") if p.name not in own
    }
    assert result.notes == ()


def test_words_can_be_left_out(
    tmp_path: Path, moving_portrait: Path, tiny_parts: dict[str, Any]
) -> None:
    for words in (True, False):
        pipeline = EDAPipeline(**tiny_parts, stills=1)
        pipeline.settings = pipeline.settings.changed(words_in_tags=words)
        result = pipeline(moving_portrait, "happy", output=tmp_path / "out.mp4")
        assert (result.text.encode() in result.output.read_bytes()) == words
        assert ("text" in provenance.read(result.output).details) == words


def test_no_signature_only_if_asked_and_it_is_said(
    tmp_path: Path, moving_portrait: Path, tiny_parts: dict[str, Any]
) -> None:
    pipeline = EDAPipeline(**tiny_parts, stills=1)
    pipeline.settings = pipeline.settings.changed(sign=False)
    result = pipeline(moving_portrait, "happy", output=tmp_path / "out.mp4")
    assert any("not signed" in note for note in result.notes)
    found = provenance.inspect(result.output)
    assert (found.state, found.generated) == ("tagged", True)


def test_matroska_is_tagged_and_it_is_said(
    tmp_path: Path, moving_portrait: Path, tiny_parts: dict[str, Any]
) -> None:
    pipeline = EDAPipeline(**tiny_parts, stills=1)
    result = pipeline(moving_portrait, "happy", output=tmp_path / "out.mkv")
    assert any("Matroska" in note for note in result.notes)
    assert provenance.inspect(result.output).state == "tagged"


# the command


def _said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", *map(str, arguments)])
    return int(ended.value.code or 0), capsys.readouterr().out


def test_inspect_speaks_to_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = make_clip(tmp_path / "interview.mp4", seconds=0.4)
    path = _video(tmp_path / "a.mp4", sign=Manifest("anger", source).sign)
    status, out = _said(capsys, path)
    assert status == 0
    for words in ("artificial intelligence", "interview.mp4", "not a byte", "not who made it"):
        assert words in out
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    status, out = _said(capsys, path)
    assert status == 5
    assert "NOT TRUSTWORTHY" in out
    status, out = _said(capsys, source)
    assert status == 0
    assert "says nothing about where it comes from" in out
    status, out = _said(capsys, _video(tmp_path / "t.mkv", tags=provenance.tags("sad")))
    assert "tags only" in out
    status, out = _said(capsys, path, "--json")
    assert (status, json.loads(out)["state"]) == (5, "changed")


@pytest.mark.parametrize("name", ["none.mp4", "folder.mp4", "text.mp4", "x" * 300 + ".mp4"])
def test_inspect_of_what_is_no_media(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "text.mp4").write_text("hello " * 1000)
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(tmp_path / name)])
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_marking_is_shared_by_all_outputs(tmp_path: Path) -> None:
    from emoanim.emotions import EmotionPrompt
    from emoanim.settings import Settings

    marking = Marking(Settings(), EmotionPrompt.parse("sad"))
    path = tmp_path / "a.wav"
    write_wav(path, make_tone(0.2), tags=marking.tags("new words"), sign=marking.signer(path))
    assert provenance.inspect(path).making["emotion"] == "sad"
    assert marking.signer(tmp_path / "a.mkv") is None


# what outlives a re-encode


def _speechlike(seconds: float, seed: int) -> Audio:
    rng = np.random.default_rng(seed)
    time = np.arange(round(44100 * seconds)) / 44100
    voices = [
        np.sin(2 * np.pi * f * time + 9 * np.sin(2 * np.pi * rng.uniform(1, 4) * time))
        for f in rng.uniform(250, 2000, 12)
    ]
    swell = np.interp(
        time, np.arange(0, seconds + 1, 0.12), rng.random(int((seconds + 1) / 0.12) + 1)
    )
    return Audio((0.05 * swell * np.sum(voices, axis=0)).astype(np.float32), 44100)


def _scene(number: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    blocks = np.repeat(np.repeat(rng.integers(0, 255, (9, 12, 3), np.uint8), 20, 0), 20, 1)
    return np.roll(blocks, number // 5, axis=1)


def _film(path: Path, seed: int, begin: float = 0.0, half: bool = False, **options: Any) -> Path:
    sound, first = _speechlike(6, seed), round(begin * 25)
    step = 2 if half else 1
    frames = [np.ascontiguousarray(_scene(i, seed)[::step, ::step]) for i in range(first, 150)]
    size = (frames[0].shape[1], frames[0].shape[0])
    samples = sound.samples[round(begin * 44100) :]
    animation = Animation(25, size, len(frames), iter(frames))
    return write_video(path, animation, Audio(samples, 44100), **options)


@pytest.mark.parametrize(
    "changes", [{}, {"crf": 40.0}, {"half": True}, {"begin": 1.37}, {"crf": 38.0, "begin": 2.0}]
)
def test_a_copy_that_lost_its_signature_is_recognised(
    tmp_path: Path, changes: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    signed = _film(tmp_path / "signed.mp4", 1, sign=Manifest("anger").sign)
    copy = _film(tmp_path / "copy.mkv", 1, **changes)
    status, out = _said(capsys, copy, "--of", signed)
    assert status == 0
    assert "says nothing about where it comes from" in out
    assert "Both files hold the same sound" in out
    assert "Both files hold the same pictures" in out
    assert "most likely a copy of the signed file" in out
    assert "to show the emotion anger" in out


def test_another_file_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signed = _film(tmp_path / "signed.mp4", 1, sign=Manifest("anger").sign)
    status, out = _said(capsys, _film(tmp_path / "other.mp4", 2), "--of", signed)
    assert status == 0
    assert out.count("do not hold the same") == 2
    assert "copy of the signed file" not in out


def test_only_a_signed_file_can_be_compared_with(tmp_path: Path) -> None:
    one, other = (_film(tmp_path / f"{i}.mp4", i) for i in range(2))
    with pytest.raises(MediaError, match="expected a file that emoanim signed"):
        provenance.compare(one, other)


@pytest.mark.parametrize("values", [None, 3, {}, {"sound": "zz"}, {"sound": "0" * 7}, {"sound": 1}])
def test_a_damaged_fingerprint_is_an_empty_one(values: object) -> None:
    from emoanim.provenance.fingerprint import Fingerprint

    assert Fingerprint.of(values) == Fingerprint()


def test_a_library_that_cannot_be_loaded_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """There may be no room for its native part (ulimit -v); nothing is written unsigned."""
    path = tmp_path / "a.png"
    write_image(path, np.zeros((8, 8, 3), np.uint8))
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(OutputError, match=r"the library c2pa cannot be loaded.*--no-signature"):
        provenance.Manifest("sad").sign(path)


def test_the_fingerprint_holds_one_picture_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[weakref.ref[Any]] = []
    held: list[int] = []

    def frames_at(_: Video, times: Sequence[float]) -> Iterator[Frame]:
        for number, second in enumerate(times):
            held.append(sum(each() is not None for each in given))
            image = pattern(number)
            given.append(weakref.ref(image))
            yield Frame(second, image)

    path = make_clip(tmp_path / "in.mp4", seconds=5.0)
    monkeypatch.setattr(Video, "frames_at", frames_at)
    assert len(fingerprint(path).pictures) == 16 * len(held) == 80
    assert max(held) <= 1
