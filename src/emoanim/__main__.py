"""``emoanim`` and ``python -m emoanim``: the command line, which ends well when interrupted.

Nothing but ``os`` and ``signal`` is imported before signals are listened for.
"""

import os
import signal

__all__ = ["main"]


def main() -> None:
    """Run the command line, heard by signals from its first import to its last line."""
    _listen()
    from emoanim.interrupts import run_command

    run_command(_run)


def _run() -> None:
    from emoanim.cli import main as run

    run()


def _listen() -> None:
    """Until more is imported: end with one line, since nothing has been opened yet."""
    if os.name == "nt":
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as in a shell's background job
            signal.signal(number, _leave)


def _leave(number: int, frame: object) -> None:
    word = "interrupted" if number == signal.SIGINT else "terminated"
    os.write(2, f"emoanim: {word}\n".encode())
    os._exit(128 + number)


if __name__ == "__main__":
    main()
