"""Bounded tries and time for one request to a service."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from emoanim.errors import EmoanimError, ServiceError, ServiceTimeoutError, SettingsError
from emoanim.services.faults import billed, normalised, retry_after
from emoanim.services.ledger import Charge, Usage, current_ledger
from emoanim.services.prices import Price
from emoanim.waiting import next_of

__all__ = ["Policy", "Reply", "Request"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """What a call gave, and what the service says it used; None takes the estimate."""

    value: T
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and how long a service is asked.

    Attributes:
        tries: calls per request in all, a repair included.
        seconds: for a request in all, waiting included.
        try_seconds: for one call.
        first_wait: seconds before the second try, doubled for each further one; the true wait
            lies between half and one and a half of it. ``Retry-After`` is kept where it is longer.
        clock: seconds that only grow.
        sleep: waits for some seconds.
        chance: a random number in [0, 1); spreads the waits, shapes no result.
    """

    tries: int = 3
    seconds: float = 120.0
    try_seconds: float = 60.0
    first_wait: float = 0.5
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if self.tries < 1 or self.seconds <= 0 or self.try_seconds <= 0:
            raise SettingsError(
                f"a policy of {self.tries} tries in {self.seconds} s given; expected at least one "
                "try and more than 0 s."
            )

    def request(self, service: str, variable: str = "", *keys: str) -> Request:
        """Begin a request: its tries and its time run from now.

        Args:
            service: its name in errors and in the ledger.
            variable: environment variable of its key.
            keys: what must not stand in an error.
        """
        return Request(self, service, variable, keys)


class Request:
    """One thing wanted of a service; every call for it shares the tries and the time."""

    def __init__(self, policy: Policy, service: str, variable: str, keys: tuple[str, ...]) -> None:
        self.policy = policy
        self.service = service
        self.tries_left = policy.tries
        self._variable = variable
        self._keys = keys
        self._end = policy.clock() + policy.seconds

    def call(
        self,
        attempt: Callable[[float], Reply[T]],
        *,
        what: str,
        model: str = "",
        most: Usage | None = None,
        price: Price | None = None,
    ) -> T:
        """Make a call, again if that may help and tries and time allow.

        Args:
            attempt: makes it; is given the seconds that it may take.
            what: "rewrite", "speak", "clone", "delete": for the ledger.
            model: as the service names it.
            most: the most that one call can use.
            price: of the model; None if it is not known.

        Raises:
            ServiceError: of the last try; its message holds no key.
            BudgetError: the call was not made.
        """
        draft = Charge(self.service, what, model, most or Usage(), None)
        while True:
            if self.tries_left < 1:
                raise ServiceError(
                    f"the {self.policy.tries} tries of a request to {self.service} are used up."
                )
            self.tries_left -= 1
            value, error = self._one(attempt, draft, price)
            if error is None:
                assert value is not None
                return value.value
            known = normalised(error, self.service, self._variable, *self._keys)
            wait = self._wait(known, error)
            if wait is None:
                # No traceback of the SDK hangs on it: there the request stands with its key.
                known.__cause__ = known.__context__ = None
                raise known
            self.policy.sleep(wait)

    def _one(
        self, attempt: Callable[[float], Reply[T]], draft: Charge, price: Price | None
    ) -> tuple[Reply[T] | None, Exception | None]:
        """Make one call in a thread of its own, so that a dripping answer cannot outlast it."""
        seconds = min(self.policy.try_seconds, max(0.01, self._end - self.policy.clock()))
        with current_ledger().reserved(draft, price) as charges:
            value, error = _bounded(attempt, seconds)
            if value is not None:
                used = value.usage or draft.usage
                charges.append(Charge(self.service, draft.what, draft.model, used, None))
            else:
                assert error is not None
                known = normalised(error, self.service, self._variable, *self._keys)
                unsure = billed(error, known)
                used = draft.usage if unsure else Usage()
                outcome: Any = "unsure" if unsure else "failed"
                charges.append(Charge(self.service, draft.what, draft.model, used, None, outcome))
        return value, error

    def _wait(self, known: EmoanimError, error: Exception) -> float | None:
        """Return the seconds to the next try; None if there is to be none."""
        if not isinstance(known, ServiceError) or not known.retryable or self.tries_left < 1:
            return None
        done = self.policy.tries - self.tries_left - 1
        wait = self.policy.first_wait * 2.0**done * (0.5 + self.policy.chance())
        wait = max(wait, retry_after(error) or 0.0)
        return wait if wait < self._end - self.policy.clock() else None


def _bounded(
    attempt: Callable[[float], Reply[T]], seconds: float
) -> tuple[Reply[T] | None, Exception | None]:
    box: queue.SimpleQueue[tuple[Reply[T] | None, Exception | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            box.put((attempt(seconds), None))
        except Exception as error:
            box.put((None, error))

    threading.Thread(
        target=copy_context().run, args=(work,), daemon=True, name="emoanim-call"
    ).start()
    try:
        return next_of(box, seconds)
    except queue.Empty:
        late = ServiceTimeoutError(
            f"the service did not answer within {seconds:.3g} s.",
            retryable=True,
            hint="Try again later.",
        )
        return None, late
