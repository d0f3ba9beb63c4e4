"""What a file says of its making, and whether that can be believed, in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from emoanim.arguments import path_of
from emoanim.errors import MediaError
from emoanim.provenance.credentials import LOCAL_NAME
from emoanim.provenance.fingerprint import Fingerprint, likeness
from emoanim.provenance.manifest import COMPOSITE, MAKING, context, mime_type
from emoanim.provenance.tags import read

__all__ = ["Inspection", "compare", "inspect"]

_SAYS_NOTHING = "This file says nothing about where it comes from."
_PROVES_NOTHING = (
    "That proves nothing: such marks are lost when a file is converted, cut or uploaded, and "
    "anybody can remove them."
)
_TAGS_ONLY = (
    "This is in the file's tags only, which anybody can write or change; there is no signature "
    "to check."
)
_BROKEN = "NOT TRUSTWORTHY: the file was changed after it was signed, or its signature is broken."
_WHOLE = "The signature is valid: not a byte of the video or sound was changed since."
_SELF_MADE = (
    "It was signed with a certificate that emoanim made on one machine: this proves that the file "
    "is unchanged, not who made it."
)
_OUT_OF_DATE = (
    "By this machine's clock its certificate is not valid today: it has run out since, or a clock "
    "is or was wrong. So nobody can tell when it was signed."
)
_EXPIRED = "signingCredential.expired"
_GENERATED = "trainedalgorithmicmedia"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a file.

    Attributes:
        path: the file.
        state: "signed" (whole since it was signed), "changed" (a manifest is there and the file is
            no longer the one that was signed), "tagged" (tags only, which anybody can write),
            "nothing".
        generated: the manifest or the tags say that a trained model took part.
        software: which made it.
        signer: name in the certificate.
        trusted: the certificate is vouched for by one that C2PA lists.
        self_made: it is the one that emoanim makes on a machine, which vouches for nobody.
        sources: names of the files that it was made from.
        making: what emoanim wrote of the run.
        faults: what the check of the manifest complained of. In a "signed" file that is at most
            its certificate's time: nothing was changed, but it is not valid today.
        tags: the container's own.
    """

    path: str
    state: str
    generated: bool = False
    software: str = ""
    signer: str = ""
    trusted: bool = False
    self_made: bool = False
    sources: tuple[str, ...] = ()
    making: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON."""
        return asdict(self)

    def sentences(self) -> list[str]:
        """Return it as sentences for people who know nothing of manifests."""
        if self.state == "nothing":
            return [_SAYS_NOTHING, _PROVES_NOTHING]
        said = [self._what()]
        if self.sources:
            said.append(f"It was made from: {', '.join(self.sources)}.")
        if self.making.get("made"):
            said.append(f"It says that it was made at {self.making['made']}.")
        return [*said, *self._belief()]

    def _what(self) -> str:
        by = f" by {self.software}" if self.software else ""
        emotion = self.making.get("emotion") or self.tags.get("emotion", "")
        if self.making.get("changed") is False:
            return f"It says that it is a picture taken from a video{by}, and not changed."
        if not self.generated:
            return f"It says that it was made{by}; it does not say that a model took part."
        to = f" to show the emotion {emotion}" if emotion else ""
        return (
            f"It says that it was made{by} with artificial intelligence{to}: the person did not "
            "say this in this way."
        )

    def _belief(self) -> list[str]:
        if self.state == "tagged":
            return [_TAGS_ONLY]
        if self.state == "changed":
            return [_BROKEN, f"The check says: {'; '.join(self.faults) or 'no further detail'}."]
        if self.trusted:
            by = f"It was signed by {self.signer}, whom a listed authority vouches for."
        elif self.self_made:
            by = _SELF_MADE
        else:
            by = f"It was signed by {self.signer!r}; no listed authority vouches for that."
        return [_WHOLE, by, *([_OUT_OF_DATE] if self.faults else [])]


def inspect(path: str | Path) -> Inspection:
    """Read and check what a file says of its making; asks no network.

    Raises:
        MediaError: no such file, or nothing that can be read.
    """
    file = path_of(path, "what is looked at", "a file, such as 'happy.mp4'")
    try:
        said = read(file)
    except MediaError:
        # a file of another kind, or one that was damaged, may still hold a manifest
        if not _is_file(file):
            raise
        said = None
    tags = dict(said.tags) if said is not None else {}
    manifest = _manifest(file, tags)
    if manifest is not None:
        return manifest
    if said is None:
        raise MediaError(f"{path} cannot be read as media; expected mp4, mov, mkv, PNG or WAV.")
    generated = said.generated or _GENERATED in said.tags.get("digital_source_type", "").lower()
    if generated or said.software.startswith("emoanim"):
        return Inspection(str(path), "tagged", generated, said.software, tags=tags)
    return Inspection(str(path), "nothing", tags=tags)


def compare(path: str | Path, signed: str | Path) -> list[str]:
    """Say whether a file is a copy of a signed one that lost its signature on the way.

    Args:
        path: the file in question.
        signed: one that holds a whole manifest of emoanim's.

    Raises:
        MediaError: one of them cannot be read, or the second holds no such manifest.
    """
    original = inspect(signed)
    fingerprint = Fingerprint.of(original.making.get("fingerprint"))
    if original.state != "signed" or fingerprint == Fingerprint():
        raise MediaError(
            f"{signed} is to be compared with; expected a file that emoanim signed and nobody "
            f"changed. It is: {original.state}."
        )
    similarity = likeness(Path(path), fingerprint)
    said = []
    for what, same, unlike in (
        ("sound", similarity.same_sound, similarity.sound),
        ("pictures", similarity.same_pictures, similarity.pictures),
    ):
        if unlike is not None:
            word = "hold the same" if same else "do not hold the same"
            said.append(f"Both files {word} {what} ({unlike:.0%} of the compared bits differ).")
    if similarity.same_sound:
        said.append(
            "So this is most likely a copy of the signed file, converted or cut; what that says of "
            f"its making holds for this one: {original.sentences()[0]}"
        )
    return said or ["Neither sound nor pictures can be compared."]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _manifest(path: Path, tags: Mapping[str, str]) -> Inspection | None:
    import c2pa

    kind = mime_type(path)
    if kind not in c2pa.Reader.get_supported_mime_types():
        return None
    try:
        with path.open("rb") as file, c2pa.Reader(kind, file, context=context()) as reader:
            store = json.loads(reader.json())
            state = reader.get_validation_state()
    except c2pa.C2paError.ManifestNotFound:
        return None
    except (c2pa.C2paError, ValueError) as error:
        if "emoanim" not in tags.get("software", "") and "jumb" not in str(error).lower():
            return None  # no manifest that can be spoken of: a file that c2pa cannot parse
        return Inspection(
            str(path), "changed", faults=(str(error).splitlines()[0][:200],), tags=tags
        )
    return _read(path, store, state, tags)


def _read(path: Path, store: Any, state: str | None, tags: Mapping[str, str]) -> Inspection:
    active = store.get("manifests", {}).get(store.get("active_manifest"), {})
    assertions = active.get("assertions", [])
    actions = [
        action
        for assertion in assertions
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion.get("data", {}).get("actions", [])
    ]
    own = [a.get("data", {}) for a in assertions if a.get("label") == MAKING]
    kinds = [str(action.get("digitalSourceType", "")) for action in actions]
    signed = active.get("signature_info", {})
    signer = signed.get("common_name") or signed.get("issuer") or ""
    faults = tuple(
        f"{each.get('code')} ({each.get('explanation', '')})"
        for each in store.get("validation_status", [])
        if "signingCredential.untrusted" not in str(each.get("code"))
    )
    generator = (active.get("claim_generator_info") or [{}])[0]
    # An expired certificate stops no other check: what was changed is among the faults, too.
    out_of_date = bool(faults) and all(fault.startswith(_EXPIRED) for fault in faults)
    whole = state in ("Valid", "Trusted") or out_of_date
    return Inspection(
        path=str(path),
        state="signed" if whole else "changed",
        generated=any(kind == COMPOSITE or _GENERATED in kind.lower() for kind in kinds),
        software=f"{generator.get('name', '')} {generator.get('version', '')}".strip(),
        signer=signer,
        trusted=state == "Trusted",
        self_made=signer == LOCAL_NAME,
        sources=tuple(str(i.get("title", "")) for i in active.get("ingredients", [])),
        making=own[0] if own else {},
        faults=faults,
        tags=tags,
    )
