"""The signed record inside a file: a C2PA manifest (https://c2pa.org), written last of all.

It says which tool made the file, that a trained model took part, from which source, with which
settings, and carries a hash of picture and sound: any byte of them that is changed breaks it.
"""

from __future__ import annotations

import hashlib
import io
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import emoanim
from emoanim.errors import OutputError
from emoanim.outputs import temporary, writing
from emoanim.provenance.credentials import credentials
from emoanim.provenance.fingerprint import Fingerprint, fingerprint

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["COMPOSITE", "MAKING", "SIGNED_SUFFIXES", "Manifest", "context", "mime_type"]

SIGNED_SUFFIXES = (".mp4", ".mov", ".gif", ".png", ".svg", ".wav")
"""Files that can hold a manifest; Matroska and WebM cannot."""

COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
MAKING = "org.emoanim.making"
"""Label of the assertion with what only this tool knows."""

_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".gif": "image/gif",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wav": "audio/wav",
}
_SOURCE = "source"
# A manifest elsewhere is never asked for, nor whether a certificate was revoked: no network.
_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file's manifest will say; ``sign`` writes it.

    Attributes:
        emotion: the target emotion.
        source: the file that was changed; None where something was made from nothing.
        settings: everything that shaped the run; only its hash is written.
        details: plain text to be written, such as backends and seed.
        changed: voice, words or face were generated; False for a still that was only taken.
    """

    emotion: str
    source: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    changed: bool = True

    def sign(self, path: Path) -> None:
        """Put the signed manifest into a file, in place.

        Raises:
            OutputError: the file cannot hold one, or cannot be written.
            SettingsError: the user's certificate cannot be used.
        """
        try:
            import c2pa
        except (ImportError, RuntimeError, OSError) as error:  # no room for its native part
            raise OutputError(
                f"{path} could not be signed, for the library c2pa cannot be loaded "
                f"({str(error).splitlines()[0]}). Free memory or install c2pa-python again, or "
                "leave the signature out: --no-signature."
            ) from error
        kind = _TYPES.get(path.suffix.lower())
        if kind is None:
            raise OutputError(
                f"{path} cannot hold a signed manifest; expected {', '.join(SIGNED_SUFFIXES)}."
            )
        with temporary(path, (path.suffix,)) as signed, writing(_named(path)):
            target = _Target(signed, "w+")
            try:
                with target:
                    self._sign(path, target, kind)
            except c2pa.C2paError as error:
                if target.refused is not None:
                    raise target.refused from error
                raise OutputError(
                    f"{path} could not be signed ({str(error).splitlines()[0]}). "
                    "Check the certificate, or leave the signature out: --no-signature."
                ) from error

    def _sign(self, path: Path, target: _Target, kind: str) -> None:
        import c2pa

        identity = credentials()
        info = c2pa.C2paSignerInfo(
            alg=identity.algorithm.encode(),
            sign_cert=identity.certificates,
            private_key=identity.key,
            ta_url=None,
        )
        content = self._content(kind, fingerprint(path))
        with c2pa.Builder(json.dumps(content), context()) as builder:
            if self.source is not None and _readable(self.source):
                with self.source.open("rb") as file:
                    builder.add_ingredient(
                        json.dumps(self._ingredient()), mime_type(self.source), file
                    )
            with (
                c2pa.Signer.from_info(info) as signer,
                path.open("rb") as source,
            ):
                builder.sign(signer, kind, source, target)

    def _content(self, kind: str, looks: Fingerprint) -> dict[str, Any]:
        listed = [] if self.source is None or _readable(self.source) else [self._ingredient()]
        software = {"name": "emoanim", "version": emoanim.__version__}
        return {
            "claim_generator_info": [software],
            "format": kind,
            "ingredients": listed,
            "assertions": [
                {"label": "c2pa.actions.v2", "data": {"actions": self._actions(software)}},
                {"label": MAKING, "data": {**self._making(), "fingerprint": asdict(looks)}},
            ],
        }

    def _actions(self, software: Mapping[str, str]) -> list[dict[str, Any]]:
        said = {"softwareAgent": software, "digitalSourceType": COMPOSITE}
        if self.source is None:
            return [{"action": "c2pa.created", **said}]
        opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_SOURCE]}}
        if not self.changed:
            return [opened, {"action": "c2pa.converted", "softwareAgent": software}]
        what = f"voice, words and face were generated to show the emotion {self.emotion}"
        return [opened, {"action": "c2pa.edited", "description": what, **said}]

    def _ingredient(self) -> dict[str, Any]:
        assert self.source is not None
        return {
            "title": self.source.name,
            "format": mime_type(self.source),
            "relationship": "parentOf",
            "label": _SOURCE,
            "instance_id": _SOURCE,
        }

    def _making(self) -> dict[str, Any]:
        text = json.dumps(self.settings, sort_keys=True, default=str, ensure_ascii=True)
        making = {
            "emotion": self.emotion,
            "made": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "changed": self.changed,
            "settings_sha256": hashlib.sha256(text.encode()).hexdigest(),
            **{name: str(value) for name, value in self.details.items()},
        }
        if self.source is not None:
            with self.source.open("rb") as file:
                making["source_sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        return making


def context() -> Any:
    """Return c2pa's settings for reading and writing: offline, no thumbnails."""
    import c2pa

    return c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))


def mime_type(path: Path) -> str:
    """Return the media type that a file's suffix stands for."""
    known = _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0]
    return known or "application/octet-stream"


class _Target(io.FileIO):
    """A file that remembers what the system refused: the library behind it tells no reason.

    Attributes:
        refused: the system's error; None if there was none.
    """

    refused: OSError | None = None

    def write(self, data: ReadableBuffer) -> int:
        """Write all of it."""
        view = memoryview(data)
        done = 0
        try:
            while done < len(view):
                done += super().write(view[done:]) or 0
        except OSError as error:
            self.refused = error
            raise
        return done


def _named(path: Path) -> Path:
    """Return what a message calls a file: its folder, while its own name is a temporary one."""
    return path.parent if path.name.startswith(".emoanim-") else path


def _readable(path: Path) -> bool:
    """Whether c2pa can look into the file for a manifest of its own."""
    import c2pa

    return mime_type(path) in c2pa.Builder.get_supported_mime_types()
