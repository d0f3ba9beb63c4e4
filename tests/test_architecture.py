"""Four layers: no upward import, no import cycle, no adapter that imports another."""

from __future__ import annotations

import ast
import statistics
from collections import defaultdict
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "emoanim"

GROUND = {
    "clips", "emotions", "protocols", "roles", "errors", "extras", "folders", "outputs", "steps",
    "memory", "even_clip", "memory_clip", "persons", "portable_messages", "telemetry", "analyses",
    "arguments", "arrays", "parsing", "interrupts", "waiting", "utterances", "emotion_scores",
    "notebook",
}  # fmt: skip
ENGINES = {
    "engines", "faces", "sound", "language", "media", "scoring", "metrics", "services", "weights",
    "provenance",
}  # fmt: skip
ROLES = {"adapters", "registry", "settings", "voice_versions"}
CALLED = {
    "cli", "__main__", "pipeline", "speech", "face", "saying", "result", "runs", "study",
    "evaluation", "avatar", "app", "testing", "demo", "doctor",
}  # fmt: skip
LAYERS = {
    name: layer for layer, names in enumerate((GROUND, ENGINES, ROLES, CALLED)) for name in names
}


def modules() -> dict[str, Path]:
    found = {}
    for path in SRC.rglob("*.py"):
        parts = path.relative_to(SRC).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(name: str) -> set[str]:
    """Every module of the package that another imports, lazily too; types alone do not count."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "emoanim":
            inner = (node.module or "").removeprefix("emoanim").lstrip(".")
            for alias in node.names:
                full = f"{inner}.{alias.name}".lstrip(".")
                found.add(full if full in MODULES else inner)
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.removeprefix("emoanim.")
                for alias in node.names
                if alias.name.startswith("emoanim.")
            }
    return found - {"", name}


GRAPH = {name: imports(name) for name in MODULES}


def package(name: str) -> str:
    return name.split(".")[0]


def test_every_package_has_a_layer():
    assert {package(name) for name in MODULES if name} <= set(LAYERS)


def test_no_upward_import():
    upward = {
        f"{name} -> {other}"
        for name, others in GRAPH.items()
        if name
        for other in others
        if LAYERS[package(other)] > LAYERS[package(name)]
    }
    assert not upward


def test_no_cycle():
    """A package's ``__init__`` counts as a part of its modules, never as a second node."""
    state: dict[str, int] = defaultdict(int)
    path: list[str] = []

    def visit(name: str) -> None:
        state[name] = 1
        path.append(name)
        for other in GRAPH[name]:
            if state[other] == 1:
                pytest.fail(f"cycle: {' -> '.join([*path[path.index(other) :], other])}")
            if not state[other]:
                visit(other)
        path.pop()
        state[name] = 2

    for name in MODULES:
        if name and not state[name]:
            visit(name)


def test_no_cycle_between_packages():
    """Packages of one layer may import each other, but never both ways."""
    between = defaultdict(set)
    for name, others in GRAPH.items():
        for other in others:
            if name and package(other) != package(name):
                between[package(name)].add(package(other))
    mutual = {
        tuple(sorted((a, b)))
        for a, others in between.items()
        for b in others
        if a in between.get(b, ())
    }
    assert not mutual


def test_adapters_do_not_know_each_other():
    found = {
        f"{name} -> {other}"
        for name, others in GRAPH.items()
        if package(name) == "adapters"
        for other in others
        if package(other) == "adapters"
    }
    assert not found


def test_only_media_knows_pyav():
    """The clip factory for tests may too: it makes files that our writers never would."""
    for name, path in MODULES.items():
        if package(name) != "media" and name != "testing.clips":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                assert not any(n.split(".")[0] == "av" for n in names), name


def test_sizes():
    lengths = {n: len(p.read_text(encoding="utf-8").splitlines()) for n, p in MODULES.items()}
    assert {n: length for n, length in lengths.items() if length > 400} == {}
    assert statistics.median(lengths.values()) <= 120
    assert sum(length for n, length in lengths.items() if package(n) == "adapters") < 4500
