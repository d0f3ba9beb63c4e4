"""The Python of the README and of the pages under docs/: names exist, calls fit, blocks run."""

from __future__ import annotations

import ast
import builtins
import os
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from emoanim import registry

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]

GIVEN = {
    "audio": "emoanim.Audio",
    "avatar": "emoanim.avatar.Avatar",
    "chunks": "list[list[float]]",
    "clip": "emoanim.Clip",
    "emotions": "list[str]",
    "extractor": "emoanim.metrics.FeatureExtractor",
    "faces": "list[NDArray[np.uint8]]",
    "frames": "list[NDArray[np.uint8]]",
    "generated_scores": "NDArray[np.float64]",
    "generated": "NDArray[np.float64]",
    "generateds": "list[NDArray[np.float64]]",
    "image": "NDArray[np.uint8]",
    "input_scores": "NDArray[np.float64]",
    "labels": "list[str]",
    "made_batches": "list[NDArray[np.uint8]]",
    "of_a": "dict[str, list[float]]",
    "of_b": "dict[str, list[float]]",
    "original": "NDArray[np.float64]",
    "original_scores": "NDArray[np.float64]",
    "originals": "list[NDArray[np.float64]]",
    "portrait": "emoanim.Portrait",
    "prompt": "emoanim.EmotionPrompt",
    "real_batches": "list[NDArray[np.uint8]]",
    "scores": "NDArray[np.float64]",
    "sources": "list[str]",
    "speech": "emoanim.Speech",
    "targets": "list[str]",
    "values": "NDArray[np.float64]",
    "values_a": "NDArray[np.float64]",
    "values_b": "NDArray[np.float64]",
}
"""What pages use without making it first, as the text around them says, and its type."""

HEAD = (
    "import emoanim.avatar, emoanim.metrics\nimport numpy as np\nfrom numpy.typing import NDArray\n"
)


def blocks(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


WITH_PYTHON = [page for page in PAGES if blocks(page)]
pages = pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda p: p.name)


def unbound(tree: ast.Module) -> set[str]:
    """Return the names that a page reads and binds nowhere."""
    read: set[str] = set()
    bound: set[str] = set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
    return read - bound


@pages
def test_what_is_imported_exists(page: Path) -> None:
    for node in ast.walk(ast.parse("".join(blocks(page)))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                import_module(alias.name)
        elif isinstance(node, ast.ImportFrom):
            module = import_module(str(node.module))
            for alias in node.names:
                if not hasattr(module, alias.name):
                    import_module(f"{node.module}.{alias.name}")


@pages
def test_every_name_is_made_on_the_page_or_said_to_be_given(page: Path) -> None:
    assert unbound(ast.parse("".join(blocks(page)))) <= GIVEN.keys()


@pytest.mark.skipif(find_spec("mypy") is None, reason="the types are checked where mypy is")
def test_the_calls_fit_their_signatures(tmp_path: Path) -> None:
    """One module a page, with what it is given, read by the type checker."""
    files = []
    for page in WITH_PYTHON:
        text = "\n".join(blocks(page))
        given = (f"{name}: {GIVEN[name]}\n" for name in sorted(unbound(ast.parse(text))))
        files.append(tmp_path / f"{page.stem.replace('-', '_')}_page.py")
        files[-1].write_text(HEAD + "".join(given) + text, encoding="utf-8")
    options = [
        "--check-untyped-defs", "--ignore-missing-imports", "--follow-imports=silent",
        f"--config-file={os.devnull}", f"--cache-dir={tmp_path / 'cache'}",
    ]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *map(str, files)],
        env={**os.environ, "MYPYPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_on_backends_runs_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In order, in one namespace, as a reader copies them; then the tests that they define."""
    (tmp_path / "my_package.py").write_text("from emoanim.testing.tiny import TinyVoice as Beeps\n")
    monkeypatch.syspath_prepend(tmp_path)
    names: dict[str, Any] = {"__name__": "page"}
    texts = blocks(ROOT / "docs" / "backends.md")
    try:
        for text in texts:
            exec(compile(text, "backends.md", "exec"), names)
            for name in [name for name in names if name.startswith("test_")]:
                names.pop(name)()
    finally:
        registry.unregister("voice", "beeps")
        sys.modules.pop("my_package", None)
    assert len(texts) >= 4
