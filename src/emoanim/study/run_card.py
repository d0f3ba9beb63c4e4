"""The run card: what a study was made with, so that somebody else can make it again."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from emoanim import __version__, registry
from emoanim.errors import EmoanimError
from emoanim.study.items import settings_of
from emoanim.study.plan import StudyPlan
from emoanim.study.rows import read_rows
from emoanim.study.storage.stores import Store
from emoanim.study.summary import read_summary

__all__ = ["run_card"]

_PACKAGES = (
    "numpy", "av", "opencv-python-headless", "ai-edge-litert", "onnxruntime", "torch",
    "transformers", "faster-whisper", "hibari-tts", "openai", "elevenlabs", "scikit-image",
    "dlib-bin", "matplotlib", "ray",
)  # fmt: skip


def run_card(store: Store, plan: StudyPlan, clips: list[Mapping[str, str]]) -> dict[str, Any]:
    """Return versions, backends with licences and weight hashes, options, seeds, hardware, cost."""
    summary = read_summary(store)
    return {
        "study": plan.name,
        "emoanim": __version__,
        "python": sys.version.split()[0],
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "hardware": _hardware(),
        "clips": [_clip(clip) for clip in clips],
        "emotions": list(plan.emotions),
        "intensities": list(plan.intensities),
        "samples_per_cell": len(plan.sample_seeds),
        "seeds": list(plan.sample_seeds),
        "varies_by_sample": list(plan.vary),
        "systems": {name: _system(values) for name, values in plan.systems.items()},
        "scoring": plan.scoring.model_dump(mode="json"),
        "evaluators": _evaluators(plan),
        "edd": {"window_seconds": 0.2, "edge": "valid", "ties": "half", "missing": "omit"},
        "run": plan.run.model_dump(mode="json"),
        "last_run": {k: v for k, v in summary.items() if k not in ("failures", "output")},
        "stages": stage_costs(store),
    }


def stage_costs(store: Store) -> dict[str, dict[str, float]]:
    """Return per stage how often it was done and the seconds that took; shared ones count once."""
    seen: dict[str, set[str]] = {}
    costs: dict[str, dict[str, float]] = {}
    for row in read_rows(store):
        for stage, key in row["keys"].items():
            if key in seen.setdefault(stage, set()):
                continue
            seen[stage].add(key)
            cost = costs.setdefault(stage, {"times": 0, "seconds": 0.0, "cpu": 0.0})
            cost["times"] += 1
            cost["seconds"] += row["seconds"][stage]
            cost["cpu"] += row["cpu"][stage]
    return {s: {k: round(v, 3) for k, v in cost.items()} for s, cost in costs.items()}


def _system(values: Mapping[str, Any]) -> dict[str, Any]:
    settings = settings_of(values)
    parts = {}
    for role in registry.ROLES:
        choice = getattr(settings, role)
        if choice is not None:
            parts[role] = {**_backend(role, choice.name), "options": choice.options}
    return {"backends": parts, "stills": settings.stills}


def _evaluators(plan: StudyPlan) -> dict[str, Any]:
    scoring = plan.scoring
    asked = {
        "classifier": ("classifier", scoring.classifier),
        "second": ("classifier", scoring.second),
        "words": ("text_classifier", scoring.words),
        "voice": ("speech_classifier", scoring.voice),
        "features": ("feature_extractor", scoring.features),
        "perceptual": ("picture_distance", scoring.perceptual),
    }
    return {what: _backend(role, name) for what, (role, name) in asked.items() if name}


def _backend(role: str, name: str) -> dict[str, Any]:
    from emoanim.weights import known, status

    try:
        about = registry.info(role, name)
    except EmoanimError:
        return {"name": name, "licence": "unknown", "weights": {}}
    weights = {}
    for weight in about.weights:
        try:
            there = status(weight).ready
            weights[weight] = known(weight).digest if there else "not on this machine"
        except EmoanimError:
            weights[weight] = "unknown"
    return {"name": name, "licence": about.licence, "weights": weights}


def _clip(clip: Mapping[str, str]) -> dict[str, Any]:
    from emoanim.study.storage.keys import digest_of_file

    path = Path(clip["path"])
    digest = digest_of_file(path) if path.is_file() else "not there any more"
    return {"name": clip["name"], "subject": clip["subject"], "sha256": digest}


def _hardware() -> dict[str, Any]:
    return {
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": _memory(),
    }


def _memory() -> int:
    if not hasattr(os, "sysconf"):  # Windows
        return 0
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
