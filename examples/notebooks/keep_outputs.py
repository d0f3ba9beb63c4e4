"""Run a notebook's cells and keep what they show: text, tables, curves and pictures.

python examples/notebooks/keep_outputs.py examples/notebooks/*.ipynb

Films and sounds are not kept, so that a notebook stays small: run it to see them play.
"""

from __future__ import annotations

import ast
import base64
import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LARGEST = 60_000
"""Characters of HTML that are kept; players hold their film and are larger."""


def executed(
    notebook: Path, folder: Path, replaced: dict[str, str] | None = None
) -> dict[str, Any]:
    """Return the notebook with new outputs; its cells run in order, in that folder."""
    book: dict[str, Any] = json.loads(notebook.read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": "__main__"}
    count = 0
    with _inside(folder):
        for cell in book["cells"]:
            if cell["cell_type"] == "code":
                count += 1
                source = "".join(cell["source"])
                cell["execution_count"] = count
                cell["outputs"] = _outputs(source, names, f"{notebook.name}[{count}]", count)
    return book


def _outputs(source: str, names: dict[str, Any], where: str, count: int) -> list[dict[str, Any]]:
    """Run one cell; its last line, if it is an expression, is shown."""
    tree = ast.parse(source, where)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    said = io.StringIO()
    value = None
    with contextlib.redirect_stdout(said):
        exec(compile(tree, where, "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), where, "eval"), names)
    outputs: list[dict[str, Any]] = []
    if said.getvalue():
        text = said.getvalue().splitlines(keepends=True)
        outputs.append({"name": "stdout", "output_type": "stream", "text": text})
    if value is not None:
        outputs.append(
            {
                "data": shown(value),
                "execution_count": count,
                "metadata": {},
                "output_type": "execute_result",
            }
        )
    return outputs


def shown(value: Any) -> dict[str, str]:
    """Return what a value shows of itself, without what is too large to keep."""
    data = {"text/plain": repr(value)}
    for kind, name in (
        ("text/html", "_repr_html_"),
        ("image/svg+xml", "_repr_svg_"),
        ("image/jpeg", "_repr_jpeg_"),
    ):
        if hasattr(value, name):
            content = getattr(value, name)()
            coded = isinstance(content, bytes)
            data[kind] = base64.b64encode(content).decode() if coded else content
    if hasattr(value, "_repr_mimebundle_"):
        data |= value._repr_mimebundle_()
    if len(data.get("text/html", "")) > LARGEST:
        del data["text/html"]
    return data


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def main(paths: list[str]) -> None:
    """Run each notebook in a folder of its own and write it back."""
    for path in paths:
        notebook = Path(path).resolve()
        with tempfile.TemporaryDirectory() as folder:
            book = executed(notebook, Path(folder))
        text = json.dumps(book, indent=1, ensure_ascii=False) + "\n"
        notebook.write_text(text, encoding="utf-8")
        print(f"{notebook.name}: {len(text) / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
