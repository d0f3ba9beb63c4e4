"""Every chore by one name: ``nox -s tests``, ``lint``, ``types``, ``docs``, ``bench``, ``demo``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.sessions = ["lint", "types", "tests", "docs"]

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
CONSTRAINTS = ("-c", "constraints-dev.txt")
WITHOUT_FILES = (
    "animator",
    "edd",
    "edd_uncertainty",
    "media",
    "pipeline",
    "rig",
    "speech",
    "words",
)


def _group(session: nox.Session, *names: str) -> None:
    """Install dependency groups of pyproject.toml."""
    project = nox.project.load_toml("pyproject.toml")
    for name in names:
        session.install(*CONSTRAINTS, *nox.project.dependency_groups(project, name))


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The suite with branch coverage; further arguments go to pytest."""
    session.install(*CONSTRAINTS, "-e", ".[without-torch]")
    _group(session, "test")
    session.run("pytest", "--cov", "--cov-report=term", *session.posargs)


@nox.session(python="3.11")
def networks(session: nox.Session) -> None:
    """The tests of the networks that run on torch."""
    session.install(*CONSTRAINTS, "-e", ".[all]")
    _group(session, "test", "references")
    session.run("pytest", "-m", "torch", *session.posargs)


@nox.session(python="3.11")
def services(session: nox.Session) -> None:
    """The paid services' adapters through their SDKs, and a rewrite by a real model server."""
    session.install(*CONSTRAINTS, "-e", ".[local,openai,elevenlabs]")
    _group(session, "test", "models")
    places = ("services", "adapters/text_emoters", "adapters/voices")
    session.run("pytest", *(f"tests/{place}" for place in places), *session.posargs)


@nox.session(python="3.12")
def browser(session: nox.Session) -> None:
    """The web page and the served avatar in a real browser; Chromium or Chrome must be here."""
    session.install(*CONSTRAINTS, "-e", ".[without-torch]")
    _group(session, "test", "browser")
    session.run("pytest", "tests/app", "tests/avatar/test_server.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and format; spelling."""
    _group(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("codespell")


@nox.session(python="3.11")
def types(session: nox.Session) -> None:
    """Mypy, strict; the tests without asking them for annotations; pyright on the public types."""
    session.install(*CONSTRAINTS, "-e", ".[all]", "nox")
    _group(session, "test", "types")
    session.run("mypy")
    session.run("pyright")
    session.run("pytest", "tests/test_docs_python.py", "tests/test_audit.py")


@nox.session
def docs(session: nox.Session) -> None:
    """Every link, command and example of the pages holds, and the site builds without a warning."""
    session.install(*CONSTRAINTS, "-e", ".[local,evaluation,study]")
    _group(session, "test", "site")
    session.run("pytest", "tests/test_docs.py", *session.posargs)
    session.run("sphinx-build", "-q", "-W", "--keep-going", "docs", "site")


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks that need no files; or one with its arguments: -- evaluate A.mp4 B.mp4."""
    session.install(*CONSTRAINTS, "-e", ".[without-torch]")
    _group(session, "bench")
    if session.posargs:
        name, *arguments = session.posargs
        session.run("python", f"benchmarks/{name}.py", *arguments)
        return
    for name in WITHOUT_FILES:
        session.run("python", f"benchmarks/{name}.py")


@nox.session
def demo(session: nox.Session) -> None:
    """The demo as a user runs it."""
    session.install("-e", ".[local]")
    session.run("emoanim", "demo", *session.posargs)


@nox.session(python=PYTHONS)
def smoke(session: nox.Session) -> None:
    """The wheel, not the checkout: built, installed elsewhere, and its demo run there."""
    session.install("build")
    folder = Path(session.create_tmp()).resolve()
    session.run("python", "-m", "build", "--wheel", "--outdir", str(folder), silent=True)
    (wheel,) = folder.glob("*.whl")
    session.install(f"{wheel}[local]")
    with session.chdir(folder):
        session.run("emoanim", "--version")
        session.run("emoanim", "doctor")
        session.run("emoanim", "demo", "-o", "demo")
        session.run("emoanim", "inspect", "demo/after.mp4")
        session.run("python", "-c", "from emoanim.metrics import edd; edd([0.1, 0.2], [0.8, 0.9])")


@nox.session(python="3.11")
def reliability(session: nox.Session) -> None:
    """Attack it and write docs/reliability.md; arguments go to benchmarks/reliability.py."""
    session.install(*CONSTRAINTS, "-e", ".[all,emofan]")
    _group(session, "test")
    session.run("python", "benchmarks/reliability.py", *session.posargs)


@nox.session
def audit(session: nox.Session) -> None:
    """Before a release: the lock is up to date, no known fault in it, and its bill of materials.

    Ends with 1 where a fault is known, and with 75 (try again elsewhere) where the list of faults
    cannot be reached, or does not know a package: nothing is then called free of faults.
    """
    session.install("uv", "pip-audit", "cyclonedx-bom")
    session.run("uv", "lock", "--check")
    folder = session.create_tmp()
    locked = f"{folder}/requirements.txt"
    session.run("uv", "export", "--all-extras", "--no-emit-project", "-o", locked, silent=True)
    session.run("cyclonedx-py", "requirements", locked, "-o", "sbom.cdx.json")
    report = Path(folder) / "audit.json"
    report.unlink(missing_ok=True)
    arguments = ("--disable-pip", "--require-hashes", "-r", locked, "-f", "json", "-o", str(report))
    session.run("pip-audit", *arguments, success_codes=[0, 1])
    status, line = audit_result(report)
    session.log(line)
    if status:
        sys.exit(status)


def audit_result(report: Path) -> tuple[int, str]:
    """Return the status and the line that a report of pip-audit stands for.

    Args:
        report: JSON; missing if pip-audit could not do its work.
    """
    made = "sbom.cdx.json is written."
    if not report.is_file():
        return 75, f"The list of known faults could not be reached: nothing was audited. {made}"
    packages = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    faulty = [
        f"{package['name']} {package['version']}: {', '.join(v['id'] for v in package['vulns'])}"
        for package in packages
        if package.get("vulns")
    ]
    if faulty:
        return 1, f"Known faults in {len(faulty)} packages: {'; '.join(faulty)}. {made}"
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped or not packages:
        some = ", ".join(skipped[:5])
        which = f"{len(skipped)} of {len(packages)} packages could not be looked up ({some})"
        return 75, f"{which}: nothing is known of them. {made}"
    return 0, f"No known fault in {len(packages)} packages. {made}"
