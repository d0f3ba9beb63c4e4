"""Running the page: one process, one address, and nothing left on the disk afterwards."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from emoanim import registry, weights
from emoanim.app.bounds import AppBounds
from emoanim.app.desk import Desk
from emoanim.app.gate import Gate
from emoanim.app.workspaces import Workspaces
from emoanim.errors import OutputError, SettingsError
from emoanim.extras import require
from emoanim.settings import Settings

__all__ = ["SCORERS", "application", "chosen_scorer", "serve"]

SCORERS = ("fer8", "facex", "emofan")
"""Classifiers that the page takes by itself, if all that they need is here; in that order."""

_STATIC = Path(__file__).parent / "static"
_SWEEP_SECONDS = 30.0
_QUIET = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_SSR_MODE": "False",
    "GRADIO_MCP_SERVER": "False",
    "GRADIO_SHARE": "False",
}


def chosen_scorer(name: str) -> str:
    """Return the classifier that measures the change.

    Args:
        name: of a classifier; "auto" for the first of ``SCORERS`` that can be used as it is,
            without fetching anything; "none" for none.

    Returns:
        Its name; "" for none.

    Raises:
        UnknownBackendError: no classifier bears the name.
    """
    if name == "none":
        return ""
    if name != "auto":
        return registry.info("classifier", name).name
    return next((scorer for scorer in SCORERS if _is_here(scorer)), "")


def _is_here(name: str) -> bool:
    """Whether a classifier can be used without fetching anything; its packages stay unimported."""
    about = registry.info("classifier", name)
    states = [weights.status(weight).state for weight in about.weights]
    return not about.missing() and set(states) <= {"ready", "own file"}


def application(desk: Desk) -> Any:
    """Return the ASGI application of the page.

    Raises:
        MissingExtraError: Gradio is not installed.
    """
    os.environ.update(_QUIET)
    os.environ["GRADIO_TEMP_DIR"] = str(desk.workspaces.uploads)
    gradio: Any = require("gradio", "app")
    fastapi: Any = require("fastapi", "app")
    staticfiles: Any = require("starlette.staticfiles", "app")
    from emoanim.app.page import HEAD, build, theme_of

    page = build(desk)
    server = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    server.mount("/emoanim", staticfiles.StaticFiles(directory=_STATIC))
    server.add_api_route("/files/{token}/{name}", _file_of(desk), methods=["GET", "HEAD"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Gradio's, about itself
        gradio.mount_gradio_app(
            server,
            page,
            path="/",
            footer_links=[],
            run_history=False,
            show_error=False,
            max_file_size=int(desk.bounds.megabytes * 1_000_000),
            ssr_mode=False,
            enable_monitoring=False,
            pwa=False,
            mcp_server=False,
            theme=theme_of(gradio),
            head=HEAD,
        )
    return Gate(server, desk.workspaces, desk.bounds.disk_megabytes)


def serve(
    settings: Settings,
    bounds: AppBounds,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    scorer: str = "auto",
    on_ready: Callable[[str], None] | None = None,
    objects: Mapping[str, Any] | None = None,
) -> None:
    """Serve the page until the process is told to end.

    Args:
        settings: of every run.
        bounds: of what a visitor may ask for.
        host: address that is listened on; the default is this machine alone.
        port: 0 for any that is free.
        scorer: classifier that measures the change, see ``chosen_scorer``.
        on_ready: told the page's address when it answers.
        objects: backends in the place of the settings' ones, by role.

    Raises:
        MissingExtraError: Gradio is not installed.
        OutputError: the address cannot be listened on.
    """
    uvicorn: Any = require("uvicorn", "app")
    listening = _listening(host, port)
    with contextlib.ExitStack() as stack:
        stack.enter_context(listening)
        spaces = Workspaces(bounds.minutes)
        stack.callback(spaces.close)
        desk = Desk(settings, bounds, spaces, chosen_scorer(scorer), objects)
        stop = _sweeping(spaces)
        stack.callback(stop.set)
        config = uvicorn.Config(
            application(desk), log_level="warning", timeout_graceful_shutdown=1, access_log=False
        )
        server = _server(uvicorn, config, spaces.close)
        if on_ready is not None:
            shown = f"[{host}]" if ":" in host else host
            _when_up(server, on_ready, f"http://{shown}:{listening.getsockname()[1]}/")
        server.run(sockets=[listening])
    if server.ended_by is not None:
        signal.raise_signal(server.ended_by)


class _Signals:
    """What a server of uvicorn does when a signal tells it to end: call ``at_once``.

    Browsers hold connections that end only with the page, and a signal grants a second in all.
    The signal itself is for the caller, outside of the event loop: its number is ``ended_by``.
    """

    at_once: Callable[[], None]
    ended_by: int | None = None
    should_exit: bool
    force_exit: bool

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        numbers = (signal.SIGINT, signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: Any) -> None:
        # connections and jobs are cut, and each would say so
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        self.ended_by = self.ended_by or sig
        self.at_once()
        self.should_exit = self.force_exit = True


def _server(uvicorn: Any, config: Any, at_once: Callable[[], None]) -> Any:
    server = type("Server", (_Signals, uvicorn.Server), {})(config)
    server.at_once = at_once
    return server


def _file_of(desk: Desk) -> Callable[[str, str], Any]:
    responses: Any = require("starlette.responses", "app")

    def file_of(token: str, name: str) -> Any:
        path = desk.workspaces.file(token, name)
        if path is None:
            return responses.PlainTextResponse("this file has been deleted", 404)
        return responses.FileResponse(path, headers={"cache-control": "no-store"})

    return file_of


def _listening(host: str, port: int) -> socket.socket:
    """Listen before anything slow is imported, so that a port in use is said at once."""
    if not 0 <= port <= 65535:
        raise SettingsError(f"port {port} given; expected 0 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise OutputError(
            f"{host}:{port} cannot be listened on ({error.strerror or error}). Give another port "
            "(--port 0 takes any that is free) or host."
        ) from error
    return listening


def _sweeping(spaces: Workspaces) -> threading.Event:
    stop = threading.Event()

    def sweep() -> None:
        while not stop.wait(_SWEEP_SECONDS):
            spaces.sweep()

    threading.Thread(target=sweep, name="app-sweeper", daemon=True).start()
    return stop


def _when_up(server: Any, tell: Callable[[str], None], address: str) -> None:
    def wait() -> None:
        pause = threading.Event()
        while not server.started and not server.should_exit:
            pause.wait(0.02)
        if server.started:
            tell(address)

    threading.Thread(target=wait, name="app-ready", daemon=True).start()
