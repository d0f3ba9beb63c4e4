"""Models that backends take from a model hub: which files, whether they are here, how to get them.

They are too large for a wheel. The hub's own cache keeps them, and its settings hold (HF_HOME,
HF_ENDPOINT, HF_HUB_OFFLINE).
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from emoanim.weights.hub_files import hub_files, offline

__all__ = [
    "HUB_MODELS",
    "HubModel",
    "fetch_hub_model",
    "hub_state",
    "models_of",
    "verify_hub_model",
]


@dataclass(frozen=True, slots=True)
class HubModel:
    """A repository of the hub, and what a backend needs of it.

    Attributes:
        repo: "owner/model".
        backend: the backend that takes it.
        option: what the backend's option ``model`` is given for it; "" for the one that it takes
            unless it is told otherwise.
        files: names that must be there.
        one_of: of these the first that is there is taken.
        optional: taken if they are there.
        revision: commit, tag or branch; a commit cannot change later.
    """

    repo: str
    backend: str
    option: str
    files: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    revision: str = "main"

    @property
    def command(self) -> str:
        """The command that gets it."""
        return f"emoanim fetch {self.repo}"


def _faster_whisper(size: str, owner: str = "Systran") -> HubModel:
    return HubModel(
        f"{owner}/faster-whisper-{size}",
        "whisper",
        size,
        ("config.json", "tokenizer.json", "model.bin"),
        ("vocabulary.txt", "vocabulary.json"),
        ("preprocessor_config.json",),
    )


def _whisper(size: str, option: str | None = None, revision: str = "main") -> HubModel:
    repo = f"openai/whisper-{size}"
    plain = ("config.json", "generation_config.json", "preprocessor_config.json")
    words = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt")
    optional = ("normalizer.json", "added_tokens.json", "special_tokens_map.json")
    files = (*plain, *words, "model.safetensors")
    option = repo if option is None else option
    return HubModel(
        repo, "whisper-transformers", option, files, optional=optional, revision=revision
    )


_TABLE = (
    HubModel(
        "MilaNLProc/xlm-emo-t",
        "xlm-emo",
        "",
        ("config.json", "tokenizer.json"),
        ("model.safetensors", "pytorch_model.bin"),
    ),
    HubModel(
        "speechbrain/emotion-recognition-wav2vec2-IEMOCAP",
        "speechbrain",
        "",
        ("wav2vec2.ckpt", "model.ckpt", "label_encoder.txt"),
        optional=("config.json",),
    ),
    *(_faster_whisper(size) for size in ("tiny", "small", "medium", "large-v3")),
    _faster_whisper("large-v3-turbo", "mobiuslabsgmbh"),
    _whisper("base", option="", revision="e37978b90ca9030d5170a5c07aadb050351a65bb"),
    *(_whisper(size) for size in ("tiny", "small", "medium", "large-v3", "large-v3-turbo")),
)

HUB_MODELS: Mapping[str, HubModel] = {model.repo: model for model in _TABLE}
"""Every such model by its repository. Whisper has more sizes; these are the usual ones."""


def models_of(backend: str) -> tuple[HubModel, ...]:
    """Return the hub's models of a backend, the one that it needs first."""
    return tuple(m for m in _TABLE if m.backend == backend)


def hub_state(model: HubModel) -> str:
    """Return "ready" (in the hub's cache), "fetchable" or, offline, "missing"; asks no network."""
    cached = _cached(model)
    if all(cached.get(n) for n in model.files) and (
        not model.one_of or any(cached.get(n) for n in model.one_of)
    ):
        return "ready"
    return "missing" if offline() else "fetchable"


def fetch_hub_model(repo: str) -> Path:
    """Bring a model of ``HUB_MODELS`` into the hub's cache and return its folder there.

    Raises:
        WeightsError: it cannot be had.
        MissingExtraError: the hub's client is not installed.
    """
    model = HUB_MODELS[repo]
    files = hub_files(
        repo,
        model.files,
        one_of=model.one_of,
        optional=model.optional,
        revision=model.revision,
    )
    return files[model.files[0]].parent


def verify_hub_model(model: HubModel) -> Iterator[tuple[str, bool, str]]:
    """Read the cached files again; yield (name, well, what was seen) for each.

    The hub names what it keeps by its hash: SHA-256 for large files, git's for small ones.
    """
    if hub_state(model) != "ready":
        yield model.repo, False, f"not in the hub's cache. Get it: {model.command}"
        return
    for name, path in _cached(model).items():
        if path is not None:
            wanted = path.resolve().name
            seen = _digest(path, len(wanted)) if re.fullmatch("[0-9a-f]{40,64}", wanted) else wanted
            detail = str(path) if seen == wanted else f"{path} has {seen}; expected {wanted}"
            yield f"{model.repo}/{name}", seen == wanted, detail


def _cached(model: HubModel) -> dict[str, Path | None]:
    names = (*model.files, *model.one_of, *model.optional)
    if importlib.util.find_spec("huggingface_hub") is None:
        return dict.fromkeys(names)
    from huggingface_hub import try_to_load_from_cache

    files = {
        name: try_to_load_from_cache(model.repo, name, revision=model.revision) for name in names
    }
    return {n: Path(p) if isinstance(p, str) else None for n, p in files.items()}


def _digest(path: Path, length: int) -> str:
    content = hashlib.sha256() if length == 64 else hashlib.sha1(usedforsecurity=False)
    if length == 40:
        content.update(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            content.update(piece)
    return content.hexdigest()
