"""Nothing is sent home: the telemetry of the libraries underneath is switched off.

Some libraries report to their makers by default: which machine, which program, which errors.
Their switches are environment variables that are read when the library is first imported, so they
are set when ``emoanim`` is. What the user has set stays as it is.

| variable | whose reports |
|---|---|
| ORT_DISABLE_TELEMETRY=1 | onnxruntime (comes with faster-whisper and hibari-tts) |
| HF_HUB_DISABLE_TELEMETRY=1 | huggingface_hub and transformers, when they download |
| GRADIO_ANALYTICS_ENABLED=False | gradio: launches, and its check for a newer version |
| RAY_USAGE_STATS_ENABLED=0 | ray: clusters and libraries used |
| DO_NOT_TRACK=1 | those that keep to the convention of that name |
"""

from __future__ import annotations

import os

__all__ = ["SWITCHES", "switch_off"]

SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
}
"""Environment variable -> the value that switches reports off."""


def switch_off() -> None:
    """Switch the libraries' reports off, for this process and those that it starts."""
    for variable, value in SWITCHES.items():
        os.environ.setdefault(variable, value)
