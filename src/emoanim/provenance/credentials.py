"""Who signs: the user's own certificate, or one that this tool makes once on this machine.

| environment variable | meaning |
|---|---|
| EMOANIM_SIGNING_CERTIFICATE | file with the user's certificate and those above it (PEM) |
| EMOANIM_SIGNING_KEY | file with its private key (PEM, without a password) |

Without them a key pair is made in the cache, under ``signing/``. It is called what it is: anybody
who holds the file can see that nothing was changed since, and nobody can see who made it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from emoanim.errors import SettingsError
from emoanim.folders import cache_folder

__all__ = ["LOCAL_NAME", "Credentials", "credentials"]

LOCAL_NAME = "emoanim local signer (self-made, vouched for by nobody)"
"""Name in the certificate that this tool makes."""

_ORGANISATION = "emoanim on one machine"
_CERTIFICATE, _KEY = "EMOANIM_SIGNING_CERTIFICATE", "EMOANIM_SIGNING_KEY"
_VALID = timedelta(days=3650)
_MARGIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a manifest is signed with.

    Attributes:
        algorithm: by C2PA's name: es256, es384, es512, ps256 or ed25519.
        certificates: PEM, the signer's first.
        key: PEM, PKCS #8.
        own: the user's own certificate, not the self-made one.
    """

    algorithm: str
    certificates: bytes
    key: bytes
    own: bool

    def __repr__(self) -> str:
        return f"Credentials({self.algorithm}, own={self.own})"


def credentials() -> Credentials:
    """Return the user's credentials, or those of this machine; they are made at the first use.

    Raises:
        SettingsError: the user's certificate or key cannot be read, or only one of them is named.
    """
    certificate, key = os.environ.get(_CERTIFICATE, ""), os.environ.get(_KEY, "")
    if bool(certificate) != bool(key):
        missing = _KEY if certificate else _CERTIFICATE
        raise SettingsError(
            f"only one of {_CERTIFICATE} and {_KEY} is set; expected both. Set {missing} too, or "
            "neither."
        )
    if certificate:
        return _of_user(Path(certificate), Path(key))
    return _of_machine()


def _of_user(certificate: Path, key: Path) -> Credentials:
    try:
        chain, secret = certificate.read_bytes(), key.read_bytes()
        return Credentials(_algorithm(secret), chain, secret, own=True)
    except (OSError, ValueError, TypeError) as error:
        why = getattr(error, "strerror", None) or "no private key in PEM without a password"
        raise SettingsError(
            f"the certificate {certificate} and key {key} cannot be used for signing ({why}). "
            f"Expected PEM files in {_CERTIFICATE} and {_KEY}."
        ) from error


def _algorithm(key: bytes) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    loaded = load_pem_private_key(key, password=None)
    if isinstance(loaded, ec.EllipticCurvePrivateKey):
        names = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
        if loaded.curve.name in names:
            return names[loaded.curve.name]
    if isinstance(loaded, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(loaded, rsa.RSAPrivateKey):
        return "ps256"
    raise ValueError("a kind of key that C2PA does not take")


def _of_machine() -> Credentials:
    path = cache_folder() / "signing" / "local.pem"
    stored = _stored(path)
    if stored is not None:
        return stored
    created = _self_made()
    with suppress(OSError):  # a cache that cannot be written: the next run makes another
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(created.key + created.certificates)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    return created


def _stored(path: Path) -> Credentials | None:
    """What an earlier run made, if it is whole and valid now, and not about to expire.

    One that is not valid yet was made before the clock was set back.
    """
    from cryptography import x509

    try:
        text = path.read_bytes()
        cut = text.index(b"-----BEGIN CERTIFICATE")
        key, chain = text[:cut], text[cut:]
        if _algorithm(key) != "es256":
            return None
        certificate = x509.load_pem_x509_certificates(chain)[0]
    except (OSError, ValueError, TypeError):
        return None
    if certificate.not_valid_before_utc > _now():
        return None
    if certificate.not_valid_after_utc <= _now() + _MARGIN:
        return None
    return Credentials("es256", chain, key, own=False)


def _self_made() -> Credentials:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )
    from cryptography.x509.oid import ExtendedKeyUsageOID

    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = _name("emoanim local root (self-made, vouched for by nobody)")
    root = _certificate(root_name, root_name, root_key.public_key(), authority=True).sign(
        root_key, _sha256()
    )
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    signer = (
        _certificate(_name(LOCAL_NAME), root_name, key.public_key(), authority=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        .add_extension(issuer, False)
        .sign(root_key, _sha256())
    )
    return Credentials(
        "es256",
        signer.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        own=False,
    )


def _certificate(subject: Any, issuer: Any, key: Any, *, authority: bool) -> Any:
    from cryptography import x509

    usage = x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - timedelta(days=1))
        .not_valid_after(_now() + _VALID)
        .add_extension(x509.BasicConstraints(authority, 0 if authority else None), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
    )


def _name(common: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
        ]
    )


def _sha256() -> Any:
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA256()


def _now() -> datetime:
    return datetime.now(UTC)
