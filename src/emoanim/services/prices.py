"""List prices of the services' models, for estimates; the invoice is the service's.

They are those that were public in 2025. They were not read from the services since.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from emoanim.services.ledger import Usage

__all__ = ["PRICES", "Price", "is_local", "price_of"]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens read, per million written and per thousand characters."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0
    characters: float = 0.0

    def of(self, usage: Usage) -> float:
        """Return US dollars."""
        return (
            usage.tokens_in * self.tokens_in + usage.tokens_out * self.tokens_out
        ) / 1e6 + usage.characters * self.characters / 1e3


PRICES: Mapping[str, Price] = {
    "gpt-4": Price(30.0, 60.0),
    "gpt-4-turbo": Price(10.0, 30.0),
    "gpt-4o": Price(2.5, 10.0),
    "gpt-4o-mini": Price(0.15, 0.6),
    "gpt-4.1": Price(2.0, 8.0),
    "gpt-4.1-mini": Price(0.4, 1.6),
    "gpt-4.1-nano": Price(0.1, 0.4),
    "tts-1": Price(characters=0.015),
    "tts-1-hd": Price(characters=0.03),
    # billed by tokens of sound; about 0.015 dollars a minute, of some 900 characters
    "gpt-4o-mini-tts": Price(characters=0.017),
    "eleven_v3": Price(characters=0.22),
    "eleven_multilingual_v2": Price(characters=0.22),
    "eleven_turbo_v2_5": Price(characters=0.11),
    "eleven_flash_v2_5": Price(characters=0.11),
}
"""Model -> price; ElevenLabs' by the credits of its Creator plan."""

_FREE = Price()


def price_of(model: str, address: str | None) -> Price | None:
    """Return what a model costs: nothing on this machine, None where it is not known."""
    return _FREE if is_local(address) else PRICES.get(model)


def is_local(address: str | None) -> bool:
    """Tell whether an address leads to this machine."""
    host = urlsplit(address or "").hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
