"""A real model server: llama.cpp with SmolLM2, 135 million parameters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emoanim.errors import WeightsError
from emoanim.weights import fetch


def smollm2() -> Iterator[str]:
    """Yield the address of the server; skip the test where it or its weights cannot be had."""
    xllamacpp = pytest.importorskip("xllamacpp")
    try:
        weights = fetch("smollm2-135m-instruct.gguf")
    except WeightsError as error:
        pytest.skip(str(error))
    options = xllamacpp.CommonParams()
    options.model.path = str(weights)
    options.port = 0
    options.n_ctx = 1024
    options.n_parallel = 1
    options.cpuparams.n_threads = 1
    options.warmup = False
    server = xllamacpp.Server(options)
    yield f"{server.listening_address}/v1"
    del server
