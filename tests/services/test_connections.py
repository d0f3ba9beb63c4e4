"""The connections to services are closed when the object that opened them goes."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from loopback import Loopback

from emoanim.services.elevenlabs.client import Service
from emoanim.services.openai_server import OpenAIServer


def connections(client: Any) -> list[Any]:
    """All HTTP clients (of httpx or its successor) that a client of an SDK refers to."""
    seen: dict[int, Any] = {}
    waiting = [client]
    clients = []
    while waiting:
        item = waiting.pop()
        # Not isinstance: it asks whatever is met for __class__, and deprecated objects warn then.
        if id(item) in seen or issubclass(type(item), type) or type(item).__name__ == "module":
            continue
        seen[id(item)] = item
        if hasattr(type(item), "is_closed") and hasattr(type(item), "build_request"):
            clients.append(item)
        else:
            waiting += [r for r in gc.get_referents(item) if gc.is_tracked(r)]
    return clients


@pytest.mark.parametrize("package", ["openai", "elevenlabs"])
def test_they_are_closed_with_their_owner(services: Loopback, package: str) -> None:
    pytest.importorskip(package)
    server: Any
    if package == "openai":
        server = OpenAIServer("openai", base_url=f"{services.address}/v1")
        question = "--- transcript en ---\nGood day.\n--- end"
        server.client.responses.create(model="m", input=[{"role": "user", "content": question}])
    else:
        server = Service(services.address)
        server.client.voices.search(search="ada")
    assert services.calls() == 1
    clients = connections(server.client)
    assert [c for c in clients if not c.is_closed]
    del server
    gc.collect()
    assert [c for c in clients if not c.is_closed] == []
