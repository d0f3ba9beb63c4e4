"""``emoanim`` and ``python -m emoanim``: the command line, which ends well when interrupted."""

from emoanim.interrupts import interruptible

__all__ = ["main"]


def main() -> None:
    """Run the command line; signals are heard while its modules are still being imported."""
    with interruptible():
        from emoanim.cli import main as run

        run()


if __name__ == "__main__":
    main()
