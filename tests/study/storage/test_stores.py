"""Where runs live, the stage cache, the lock, and the line of steps."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emoanim.errors import OutputError
from emoanim.study.storage import lock
from emoanim.study.storage.cache import StageCache
from emoanim.study.storage.keys import key_of
from emoanim.study.storage.lock import only_run
from emoanim.study.storage.stores import FolderStore, Store, open_store
from emoanim.study.workers.flow import Flow


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "folder":
        yield open_store(tmp_path / "deep" / "down")
        return
    pytest.importorskip("fsspec")
    yield open_store("memory://study")
    import fsspec

    fsspec.filesystem("memory").rm("/study", recursive=True)


def test_files_are_kept(store: Store, tmp_path: Path) -> None:
    assert store.read("a/b") is None
    store.write("a/b", b"12345")
    assert store.read("a/b") == b"12345"
    assert store.read("a/b", 2) == b"12"
    made = tmp_path / "made"
    made.write_bytes(b"film")
    store.take("a/c.mp4", made)
    assert not made.exists()
    assert list(store.names("a")) == ["b", "c.mp4"]
    assert list(store.names("nothing")) == []
    store.remove("a/b")
    store.remove("a/b")
    assert list(store.names("a")) == ["c.mp4"]


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "run")
    (tmp_path / "run" / "taken").write_text("")
    with pytest.raises(OutputError, match="Make room"):
        store.write("taken/inside", b"x")
    assert [p.name for p in (tmp_path / "run").rglob("*") if p.is_file()] == ["taken"]


def test_an_unknown_scheme_is_said() -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(OutputError, match="cannot be reached"):
        open_store("nonsense://bucket/run")


def test_the_cache_gives_back_what_it_got(store: Store) -> None:
    cache = StageCache(store)
    key = key_of("speak/1", text="words")
    assert cache.find("speak", key) is None
    assert cache.read("speak", key) is None
    put = cache.put("speak", key, b"sound\nwith lines", {"n": 3})
    assert cache.find("speak", key) == put
    assert cache.read("speak", key) == (put, b"sound\nwith lines")
    name = f"speak/{key[:2]}/{key}"
    whole = store.read(name)
    assert whole is not None
    store.write(name, whole[:-3])
    assert cache.find("speak", key) == put, "the head alone cannot tell"
    assert cache.read("speak", key) is None
    assert store.read(name) is None, "a damaged entry is removed"


def test_an_entry_with_the_words_of_a_long_talk_is_found(store: Store) -> None:
    cache, key = StageCache(store), key_of("transcribe/1", clip="long")
    put = cache.put("transcribe", key, b"payload", {"text": "word " * 40_000})
    assert cache.find("transcribe", key) == put
    assert cache.read("transcribe", key) == (put, b"payload")


def test_keys_tell_contents_apart() -> None:
    one = key_of("speak/1", a=1, b={"x": 1, "y": 2})
    assert one == key_of("speak/1", b={"y": 2, "x": 1}, a=1)
    assert one != key_of("speak/2", a=1, b={"x": 1, "y": 2})
    assert one != key_of("speak/1", a="1", b={"x": 1, "y": 2})
    assert len(one) == 40


def test_one_run_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with only_run(store), pytest.raises(OutputError, match="another run"), only_run(store):
        pass
    with only_run(store):
        pass
    if store.local("x") is None:
        stale = json.dumps({"who": "nobody", "time": time.time() - 1000}).encode()
        store.write("run.lock", stale)
        with only_run(store):
            pass
        monkeypatch.setattr(lock, "_BEAT", 0.01)
        with only_run(store):
            first = json.loads(store.read("run.lock") or b"{}")["time"]
            time.sleep(0.1)
            assert json.loads(store.read("run.lock") or b"{}")["time"] > first


@pytest.mark.parametrize("store", ["memory"], indirect=True)
def test_a_lock_from_the_future_counts_while_it_is_renewed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine's clock is ahead, or this one was set back; a folder's lock has no clock."""
    monkeypatch.setattr(lock, "_BEAT", 0.05)
    left = {"who": "another", "time": time.time() + 3600.0}
    store.write("run.lock", json.dumps(left).encode())
    with only_run(store):
        pass
    done = threading.Event()

    def renew() -> None:
        for beat in itertools.count():
            renewed = {**left, "time": left["time"] + beat}
            store.write("run.lock", json.dumps(renewed).encode())
            if done.wait(0.03):
                return

    store.write("run.lock", json.dumps(left).encode())
    thread = threading.Thread(target=renew)
    thread.start()
    try:
        with pytest.raises(OutputError, match="another run"), only_run(store):
            pass
    finally:
        done.set()
        thread.join()


def test_values_flow_in_order_and_few_are_under_way() -> None:
    made: list[int] = []
    ahead: list[int] = []

    def values() -> Iterator[list[int]]:
        for number in range(50):
            made.append(number)
            yield [number]

    def add(value: list[int]) -> None:
        value.append(value[0] * 2)

    seen = []
    for value in Flow([add, add]).run(values()):
        seen.append(value[0])
        ahead.append(len(made) - len(seen))
    assert seen == list(range(50))
    assert max(ahead) <= 10


@pytest.mark.parametrize("where", ["feed", "step"])
def test_what_a_step_raises_ends_the_flow(where: str) -> None:
    def values() -> Iterator[int]:
        yield 1
        if where == "feed":
            raise OutputError("full")
        yield from range(100)

    def step(value: int) -> None:
        if where == "step" and value == 1:
            raise OutputError("full")

    before = threading.active_count()
    with pytest.raises(OutputError, match="full"):
        list(Flow([step, step]).run(values()))
    assert threading.active_count() == before
