"""What a run's paid calls cost, and the budget that they are held to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from emoanim.errors import BudgetError, SettingsError
from emoanim.services.prices import Price

__all__ = ["Charge", "Ledger", "Usage", "accounting", "current_ledger"]

Outcome = Literal["done", "failed", "unsure", "cached"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a service bills by: tokens read and written, characters spoken."""

    tokens_in: int = 0
    tokens_out: int = 0
    characters: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """One call, or one that the cache saved.

    Attributes:
        service: such as "openai".
        what: "rewrite", "speak", "clone", "delete".
        model: as the service names it; "" where none is used.
        usage: what is billed; nothing for a call that failed or was saved.
        usd: estimate in US dollars; None if the model's price is not known.
        outcome: "done"; "failed" (the service answered with an error and bills nothing);
            "unsure" (cut off: it may be billed, ``usage`` is the most it can be); "cached".
    """

    service: str
    what: str
    model: str
    usage: Usage
    usd: float | None
    outcome: Outcome = "done"


@dataclass(slots=True)
class Ledger:
    """All charges of a run; may be written from several threads.

    Args:
        budget: US dollars that must not be exceeded; None for no bound.
        above: the ledger that this one is part of, which hears of every charge too.
    """

    budget: float | None = None
    above: Ledger | None = None
    charges: list[Charge] = field(default_factory=list)
    _promised: float = 0.0
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        if self.budget is not None and not self.budget >= 0.0:
            raise SettingsError(f"a budget of {self.budget} given; expected 0 dollars or more.")

    @property
    def calls(self) -> int:
        """How many calls were made, failed ones included."""
        return sum(c.outcome != "cached" for c in self.charges)

    @property
    def usage(self) -> Usage:
        """Sum over the charges."""
        used = [c.usage for c in self.charges]
        return Usage(
            sum(u.tokens_in for u in used),
            sum(u.tokens_out for u in used),
            sum(u.characters for u in used),
        )

    @property
    def usd(self) -> float | None:
        """Sum of the estimates; None if one is not known."""
        known = [c.usd for c in self.charges]
        return None if None in known else sum(u for u in known if u is not None)

    @contextmanager
    def reserved(self, draft: Charge, price: Price | None) -> Iterator[list[Charge]]:
        """Hold back the most that a call can cost; append what it did cost to the list.

        Raises:
            BudgetError: that is more than is left, or not known.
        """
        most = None if price is None else price.of(draft.usage)
        charges: list[Charge] = []
        ledgers: list[Ledger] = []
        try:
            for ledger in self._chain():
                ledger._promise(draft, most)
                ledgers.append(ledger)
            yield charges
        finally:
            for ledger in ledgers:
                with ledger._lock:
                    ledger._promised -= most or 0.0
            for charge in charges:
                usd = None if price is None else price.of(charge.usage)
                self.add(replace(charge, usd=usd))

    def add(self, charge: Charge) -> None:
        """Write a charge down, here and above."""
        for ledger in self._chain():
            with ledger._lock:
                ledger.charges.append(charge)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON; no text that was sent, no key."""
        usd = self.usd
        return {
            "calls": self.calls,
            "cached": sum(c.outcome == "cached" for c in self.charges),
            **asdict(self.usage),
            "usd": None if usd is None else round(usd, 6),
            "unsure": sum(c.outcome == "unsure" for c in self.charges),
            "charges": [asdict(c) for c in self.charges],
        }

    def _chain(self) -> Iterator[Ledger]:
        ledger: Ledger | None = self
        while ledger is not None:
            yield ledger
            ledger = ledger.above

    def _promise(self, draft: Charge, most: float | None) -> None:
        with self._lock:
            if self.budget is not None:
                self._check(self.budget, draft, most)
            self._promised += most or 0.0

    def _check(self, budget: float, draft: Charge, most: float | None) -> None:
        if most is None:
            raise BudgetError(
                f"a budget of ${budget:g} given, but the price of {draft.model!r} at "
                f"{draft.service} is not known.",
                hint="Give it with the backend's option price, or leave the budget out.",
            )
        spent = sum(c.usd or 0.0 for c in self.charges) + self._promised
        if spent + most > budget + 1e-12:
            raise BudgetError(
                f"the next call ({draft.what} by {draft.model or draft.service}) can cost "
                f"${most:.4f}; ${max(0.0, budget - spent):.4f} of the budget of ${budget:g} is "
                "left. It was not made.",
                hint="Give a higher --budget or a shorter clip.",
            )


_CURRENT: ContextVar[Ledger | None] = ContextVar("emoanim_ledger", default=None)


@contextmanager
def accounting(budget: float | None = None) -> Iterator[Ledger]:
    """Count the paid calls made inside the block, and hold them to a budget in US dollars.

    Blocks may stand inside one another: the outer one counts everything. A thread counts here if
    it was started with a copy of the context (``contextvars.copy_context``).

    Raises:
        SettingsError: a budget below 0.
    """
    ledger = Ledger(budget, _CURRENT.get())
    token = _CURRENT.set(ledger)
    try:
        yield ledger
    finally:
        _CURRENT.reset(token)


def current_ledger() -> Ledger:
    """Return the ledger of the block we are in, or one that nobody reads."""
    return _CURRENT.get() or Ledger()
