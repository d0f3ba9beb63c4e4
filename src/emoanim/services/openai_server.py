"""The connection to OpenAI, or to a server that speaks its language; the SDK's tries are off."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

from emoanim.extras import require
from emoanim.services.keys import Key, without_password
from emoanim.services.policy import Policy, Request

__all__ = ["OpenAIServer"]

_OPENAI = "https://api.openai.com/v1"
_KEY = "OPENAI_API_KEY"


class OpenAIServer:
    """An OpenAI account, or a compatible server.

    Args:
        service: its name in errors and in the ledger.
        base_url: of the server; None is OpenAI (or ``OPENAI_BASE_URL``).
        key_variable: environment variable of the key. None is OPENAI_API_KEY for OpenAI and no
            key for a ``base_url`` or an OPENAI_BASE_URL: that key never goes to another server by
            itself; name it here to send it there.
        client: an ``openai.OpenAI`` to use instead; its address and key count then.
        policy: tries and time.

    Attributes:
        address: base URL.

    Raises:
        ServiceKeyError: OpenAI is to be asked and there is no key.
    """

    def __init__(
        self,
        service: str,
        base_url: str | None = None,
        key_variable: str | None = None,
        client: Any = None,
        policy: Policy | None = None,
    ) -> None:
        if client is not None:
            self.address = str(getattr(client, "base_url", "")).rstrip("/")
            self._key = Key(str(getattr(client, "api_key", "") or ""))
        else:
            self.address = base_url or os.environ.get("OPENAI_BASE_URL") or _OPENAI
            # named by option or by OPENAI_BASE_URL: another server is another server
            own = base_url is not None or self.address.rstrip("/") != _OPENAI
            variable = key_variable if key_variable is not None else ("" if own else _KEY)
            self._key = Key.of(variable, own)
        self._service = service
        self._policy = policy or Policy()
        self._client = client
        self._lock = threading.Lock()

    @property
    def shown_address(self) -> str:
        """The address as it may be shown: without a password."""
        return without_password(self.address)

    @property
    def official(self) -> bool:
        """Whether this is OpenAI itself."""
        return self.address == _OPENAI

    @property
    def client(self) -> Any:
        """The SDK's client, made at first use.

        Raises:
            MissingExtraError: the package openai is not installed.
        """
        with self._lock:
            if self._client is None:
                package = require("openai", "openai")
                # The SDK's client is always part of a reference cycle, where its sockets may be
                # collected before it closes them; ours are closed when this object goes.
                connections = package.DefaultHttpxClient()
                weakref.finalize(self, connections.close)
                self._client = package.OpenAI(
                    api_key=self._key.value,
                    base_url=self.address,
                    max_retries=0,
                    http_client=connections,
                )
            return self._client.with_options(max_retries=0)

    def request(self) -> Request:
        """Begin a request under the policy."""
        return self._policy.request(self._service, self._key.variable, self._key.value)
