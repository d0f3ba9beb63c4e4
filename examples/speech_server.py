"""A small server with OpenAI's audio.speech, for a voice in an environment of its own.

It needs the voice's package and numpy, nothing of emoanim::

    python speech_server.py --port 8010                     # chatterbox-tts, clones a reference
    python speech_server.py --port 8010 --engine hibari     # hibari-tts, one voice

Requests: ``{"input": text, "reference_audio": WAV as base64, "exaggeration": 0 to 1}``; the
answer is 16-bit WAV. It listens on this machine only and speaks one request at a time.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import tempfile
import threading
import wave
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

Engine = Callable[[str, bytes, float], tuple[Any, int]]
LARGEST = 50_000_000


def chatterbox() -> Engine:
    """Return an engine that clones the reference."""
    import torch
    from chatterbox.tts import ChatterboxTTS

    model = ChatterboxTTS.from_pretrained("cuda" if torch.cuda.is_available() else "cpu")

    def speak(text: str, reference: bytes, exaggeration: float) -> tuple[Any, int]:
        options = {"exaggeration": 0.3 + 0.7 * exaggeration}
        if not reference:
            return model.generate(text, **options).squeeze().numpy(), model.sr
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "reference.wav"
            path.write_bytes(reference)
            sound = model.generate(text, audio_prompt_path=str(path), **options)
        return sound.squeeze().numpy(), model.sr

    return speak


def hibari() -> Engine:
    """Return an engine with one voice; reference and exaggeration are ignored."""
    from hibari import Hibari

    model = Hibari()

    def speak(text: str, reference: bytes, exaggeration: float) -> tuple[Any, int]:
        return model(text), model.sample_rate

    return speak


def wav(samples: Any, rate: int) -> bytes:
    """Return 16-bit mono WAV."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return made.getvalue()


def handler(speak: Engine) -> type[BaseHTTPRequestHandler]:
    """Return a request handler around an engine."""
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            if not self.path.endswith("/audio/speech") or size > LARGEST:
                self.send_error(404 if size <= LARGEST else 413)
                return
            try:
                asked = json.loads(self.rfile.read(size))
                text = str(asked["input"])
                reference = base64.b64decode(asked.get("reference_audio") or "")
                strength = float(asked.get("exaggeration", 0.3))
            except (KeyError, TypeError, ValueError) as error:
                self.send_error(400, str(error)[:80])
                return
            with turn:
                sound = wav(*speak(text, reference, strength))
            self.send_response(200)
            self.send_header("Content-Type", "audio/wav")
            self.send_header("Content-Length", str(len(sound)))
            self.end_headers()
            self.wfile.write(sound)

    return Handler


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--engine", choices=["chatterbox", "hibari"], default="chatterbox")
    chosen = parser.parse_args()
    speak = {"chatterbox": chatterbox, "hibari": hibari}[chosen.engine]()
    server = ThreadingHTTPServer(("127.0.0.1", chosen.port), handler(speak))
    print(f"http://127.0.0.1:{server.server_address[1]}/v1", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
