"""What the README and the pages under docs/ say holds: links, commands, Python."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
import typer.main

from emoanim.cli import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
pages = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)


@pages
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pages
def test_python_parses(page: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL):
        ast.parse(block)


@pages
def test_commands_and_options_exist(page: Path) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for line in re.findall(r"^(?:\$ )?(?:\S*/)?emoanim ([a-z].*)$", page.read_text(), re.MULTILINE):
        name, _, rest = line.partition(" ")
        assert name in commands, f"{page.name}: emoanim {name}"
        command = commands[name]
        inner = getattr(command, "commands", None)
        if inner is not None:
            assert rest.split()[0] in inner, f"{page.name}: emoanim {name} {rest}"
            command = inner[rest.split()[0]]
        known = {o for p in command.params for o in p.opts}
        for option in re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", rest.partition("#")[0]):
            assert option in {*known, "--help"}, f"{page.name}: emoanim {name} {option}"


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for page in sorted((ROOT / "docs").glob("*.md")):
        assert f"docs/{page.name}" in readme, f"{page.name} is not linked from the README"


def test_every_backend_extra_exists() -> None:
    from emoanim import registry

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = set(project["optional-dependencies"])
    assert {b.extra for b in registry.backends() if b.extra} <= extras
    assert {"local", "all"} <= extras
