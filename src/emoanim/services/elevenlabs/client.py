"""The connection to ElevenLabs: address, key, policy; the SDK's own retries are off."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from emoanim.extras import require
from emoanim.services import Key, Policy, Request

__all__ = ["SERVICE", "Service", "once"]

SERVICE = "elevenlabs"
_KEY = "ELEVENLABS_API_KEY"


class Service:
    """An ElevenLabs account, or a server that speaks its language.

    Args:
        address: base URL; None is ElevenLabs itself.
        key_variable: environment variable of the key; None is ELEVENLABS_API_KEY for ElevenLabs
            and no key for an own address.
        client: an ``elevenlabs.ElevenLabs`` to use instead.
        policy: tries and time.

    Raises:
        ServiceKeyError: there is no key.
    """

    def __init__(
        self,
        address: str | None = None,
        key_variable: str | None = None,
        client: Any = None,
        policy: Policy | None = None,
    ) -> None:
        own = address is not None
        self.address = address or ""
        self.policy = policy or Policy()
        variable = key_variable if key_variable is not None else ("" if own else _KEY)
        self._key = Key(_key_of(client)) if client is not None else Key.of(variable, own)
        self._client = client
        self._lock = threading.Lock()

    @property
    def client(self) -> Any:
        """The SDK's client, made at first use."""
        with self._lock:
            if self._client is None:
                package = require("elevenlabs.client", "elevenlabs")
                # The SDK never closes its own connections; ours go with this object.
                connections = require("httpx", "elevenlabs").Client(follow_redirects=True)
                weakref.finalize(self, connections.close)
                options = {"base_url": self.address} if self.address else {}
                self._client = package.ElevenLabs(
                    api_key=self._key.value, httpx_client=connections, **options
                )
            return self._client

    def request(self) -> Request:
        """Begin a request under the policy."""
        return self.policy.request(SERVICE, self._key.variable, self._key.value)


def _key_of(client: Any) -> str:
    """Return the key of a user's client, so that it is kept out of errors."""
    key = getattr(getattr(client, "_client_wrapper", None), "_api_key", "")
    return key if isinstance(key, str) else ""


def once(seconds: float) -> dict[str, Any]:
    """Return the SDK's options for a single call of at most some seconds."""
    return {"max_retries": 0, "timeout_in_seconds": seconds}
