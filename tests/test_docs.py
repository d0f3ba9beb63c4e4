"""What the README and the pages under docs/ say holds: links, commands, lists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer.main

from emoanim import registry
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
def test_commands_and_options_exist(page: Path) -> None:
    commands = typer.main.get_command(app).commands
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
    docs = ROOT / "docs"
    for page in sorted([*docs.glob("*.md"), *docs.glob("measured/*.md")]):
        path = page.relative_to(ROOT).as_posix()
        assert path in readme, f"{path} is not linked from the README"


def test_every_backend_extra_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = set(project["optional-dependencies"])
    assert {b.extra for b in registry.backends() if b.extra} <= extras
    assert {"local", "all"} <= extras


def test_every_page_is_in_the_site() -> None:
    """The builder warns of a page that no list holds; this says so without building."""
    listed = {"index"}
    for index in (ROOT / "docs" / "index.md", ROOT / "docs" / "api" / "index.md"):
        for block in re.findall(r"```{toctree}\n(.*?)```", index.read_text(), re.DOTALL):
            for line in block.splitlines():
                if line and not line.startswith(":"):
                    path = (index.parent / line).relative_to(ROOT / "docs")
                    listed.add(path.as_posix())
    pages = {
        path.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for path in (ROOT / "docs").glob("**/*.md")
    }
    assert pages == listed


def test_every_backend_is_in_the_reference_and_among_the_licences() -> None:
    reference = (ROOT / "docs" / "api" / "adapters.md").read_text()
    licences = (ROOT / "docs" / "licences.md").read_text()
    for backend in registry.backends():
        assert f".. autoclass:: {backend.target.replace(':', '.')}\n" in reference, backend.name
        row = f"| {backend.role} | `{backend.name}` | {backend.licence} | "
        assert row in licences, f"docs/licences.md lacks: {row}"


def test_every_public_module_is_in_the_reference() -> None:
    """The modules that users import from, by what the package itself exports."""
    import emoanim

    pages = "".join(p.read_text() for p in (ROOT / "docs" / "api").glob("*.md"))
    documented = set(re.findall(r"automodule:: (\S+)", pages))
    homes = {f"emoanim.{home}" for home in emoanim._HOMES.values()}
    homes |= {"emoanim.metrics", "emoanim.media", "emoanim.testing.contracts", "emoanim.settings"}
    assert homes <= documented


def test_the_version_stands_in_one_place() -> None:
    import emoanim

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "version" not in project
    assert project["dynamic"] == ["version"]
    assert f"version: {emoanim.__version__}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## {emoanim.__version__} " in (ROOT / "CHANGELOG.md").read_text()
