"""Options of backends, as people mistype them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest

from emoanim import EDAPipeline, registry
from emoanim.errors import BackendError, EmoanimError, SettingsError
from emoanim.registry.option_values import checked_options
from emoanim.registry.options import options_of
from emoanim.settings import load_settings
from emoanim.testing.tiny import TinyVoice

WRONG = [
    ("voice", "hibari", "rate", "fast", "a number, 0.5 to 2 (default 1.0)"),
    ("voice", "hibari", "fit", "maybe", "true or false (default True)"),
    ("voice", "own", "seed", "x", "a whole number (default 0)"),
    ("animator", "film", "threads", "two", "a whole number (default 2)"),
    ("animator", "film", "person", [0.5], "a list of 2: a number, a number or None"),
    ("face_emoter", "rig", "strength", "strong", "a number, 0 to 1.5 (default 1.0)"),
    ("text_emoter", "lexicon", "max_growth", "big", "a number, 1 to 1.5 (default 1.4)"),
    ("classifier", "facex", "track", 3, "true or false (default True)"),
    ("voice", "command", "argv", "ls -l", "a list of texts"),
]


@pytest.mark.parametrize(("role", "name", "option", "value", "expected"), WRONG)
def test_a_value_of_the_wrong_type_is_one_clear_line(
    role: str, name: str, option: str, value: Any, expected: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        registry.backend(role, name, **{option: value})
    assert str(caught.value) == (
        f"the option {option} of the {role} {name!r} is given {value!r}; expected {expected}."
    )


def test_a_settings_file_and_a_pipeline_say_the_same(tmp_path: Path) -> None:
    line = "the option rate of the voice 'hibari' is given 'fast'; expected a number"
    table = {"name": "hibari", "options": {"rate": "fast"}}
    file = tmp_path / "run.toml"
    file.write_text('voice = { name = "hibari", options = { rate = "fast" } }\n')
    with pytest.raises(SettingsError, match=line):
        EDAPipeline(voice=table)
    with pytest.raises(SettingsError, match=line):
        EDAPipeline.from_settings(load_settings(file))


OURS = [
    (about.role, about.name)
    for about in registry.backends()
    if about.modules == () or set(about.extra.split()) & {"rig", "local", "hibari", "own"}
]


@pytest.mark.parametrize(("role", "name"), OURS)
def test_no_value_of_any_option_ends_in_a_bare_error(role: str, name: str) -> None:
    options = options_of(registry.info(role, name))
    needed: dict[str, Any] = {"argv": ["true"]} if "argv" in {o.name for o in options} else {}
    messages = []
    for option in options:
        for value in ("fast", None, -1, 10**9, float("nan"), [1], {}, b"x", True, 1.5):
            if option.kind == "Any":
                continue
            try:
                registry.backend(role, name, **{**needed, option.name: value})
            except EmoanimError as error:
                messages.append(str(error))
    assert messages or not options
    assert not [message for message in messages if "\n" in message]


class Fussy:
    """A voice of somebody else.

    Args:
        rate: in kHz, 8 to 48.
    """

    def __init__(
        self,
        rate: float = 16,
        name: str = "a",
        file: Path | None = None,
        mode: Literal["slow", "fast"] = "slow",
        shape: tuple[int, int] = (1, 2),
        names: Sequence[str] = (),
        table: Mapping[str, str] | None = None,
        function: Callable[[int], int] | None = None,
        flag: bool = False,
        count: int = 1,
        other: object = None,
        anything: Any = None,
        unsaid: object = None,
    ) -> None:
        if count == 13:
            raise RuntimeError("unlucky\nnumber")


# What a type checker alone can import, and no annotation at all.
Fussy.__init__.__annotations__["other"] = "Unknown | None"
del Fussy.__init__.__annotations__["unsaid"]


class _Same(NamedTuple):
    option: str
    given: object
    taken: object


@pytest.mark.parametrize(
    "case",
    [
        _Same("rate", 3, 3),
        _Same("rate", np.float32(0.5), 0.5),
        _Same("rate", np.int64(4), 4.0),
        _Same("count", np.int64(4), 4),
        _Same("flag", np.bool_(True), True),
        _Same("flag", 1, True),
        _Same("name", Path("b"), "b"),
        _Same("file", "b", Path("b")),
        _Same("file", None, None),
        _Same("mode", "fast", "fast"),
        _Same("shape", [3, 4], (3, 4)),
        _Same("shape", np.array([3, 4]), (3, 4)),
        _Same("names", ["a", "b"], ["a", "b"]),
        _Same("names", ("a",), ("a",)),
        _Same("table", {"a": "b"}, {"a": "b"}),
        _Same("function", abs, abs),
        _Same("other", "whatever", "whatever"),
        _Same("anything", 3, 3),
        _Same("unsaid", "x", "x"),
    ],
)
def test_what_fits_is_taken_and_numbers_of_numpy_become_plain(case: _Same) -> None:
    taken = checked_options(Fussy, {case.option: case.given}, "the voice 'fussy'")[case.option]
    assert taken == case.taken
    assert type(taken) is type(case.taken)


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("rate", "x", r"a number, 8 to 48 \(default 16\)"),
        ("rate", True, "a number"),
        ("rate", float("nan"), "a number"),
        ("count", 1.5, "a whole number"),
        ("count", None, "a whole number"),
        ("name", 3, "a text"),
        ("file", 3, "a path or None"),
        ("mode", "quick", "'slow' or 'fast'"),
        ("shape", [3], "a list of 2: a whole number, a whole number"),
        ("shape", [3, "x"], "a list of 2"),
        ("names", "ab", "a list of texts"),
        ("table", [3], "a table or None"),
        ("function", 3, "a function or None"),
        ("flag", "yes", "true or false"),
        ("flag", 2, "true or false"),
    ],
)
def test_what_does_not_fit_says_what_is_expected(option: str, value: Any, expected: str) -> None:
    with pytest.raises(SettingsError, match=f"option {option} of the voice 'fussy'.*{expected}"):
        checked_options(Fussy, {option: value}, "the voice 'fussy'")


@pytest.fixture
def probe() -> Iterator[None]:
    yield
    registry.unregister("voice", "probe")


@pytest.mark.usefixtures("probe")
def test_a_third_party_is_helped_too() -> None:
    registry.register("voice", "probe", Fussy)
    with pytest.raises(SettingsError, match="option rate of the voice 'probe' is given 'x'"):
        registry.backend("voice", "probe", rate="x")
    with pytest.raises(BackendError, match=r"'probe' .*'count': 13.*RuntimeError: unlucky number"):
        registry.backend("voice", "probe", count=13)


def test_an_option_that_is_missing_is_named() -> None:
    with pytest.raises(
        SettingsError, match="'command' needs the option argv; expected a list of texts"
    ):
        registry.backend("voice", "command")


def test_a_value_out_of_range_names_the_backend() -> None:
    with pytest.raises(SettingsError, match=r"^the voice 'hibari': rate 9 given; expected 0"):
        registry.backend("voice", "hibari", rate=9)
    for role, name in (("animator", "film"), ("animator", "rig"), ("face_emoter", "rig")):
        with pytest.raises(SettingsError, match=f"^the {role} {name!r}: seed -1 .*0 or more"):
            registry.backend(role, name, seed=-1)


def test_options_without_types_are_the_classes_own_business() -> None:
    assert checked_options(TinyVoice, {"rate": 8000}, "x") == {"rate": 8000}
    assert checked_options(3, {"rate": "x"}, "x") == {"rate": "x"}
