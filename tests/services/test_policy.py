"""Tries, time and waits of one request, on a clock of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from emoanim.errors import (
    ServiceError,
    ServiceTimeoutError,
    ServiceUnavailableError,
    SettingsError,
)
from emoanim.services import Policy, Reply, Usage, accounting


class Clock:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class FailedError(Exception):
    def __init__(self, status: int, headers: dict[str, str] | None = None, body: Any = None):
        super().__init__("failed")
        self.status_code = status
        self.headers = headers or {}
        self.body = body


@pytest.fixture
def clock() -> Clock:
    return Clock()


def policy(clock: Clock, **changes: Any) -> Policy:
    return Policy(**{"clock": clock, "sleep": clock.sleep, "chance": lambda: 0.5, **changes})


def failing(*errors: Exception) -> Any:
    left: Iterator[Exception] = iter(errors)

    def attempt(seconds: float) -> Reply[str]:
        error = next(left, None)
        if error is not None:
            raise error
        return Reply("fine", Usage(characters=3))

    return attempt


def test_waits_double_and_spread(clock: Clock) -> None:
    request = policy(clock, chance=lambda: 0.0).request("it")
    assert request.call(failing(FailedError(500), FailedError(503)), what="speak") == "fine"
    assert clock.waits == [0.25, 0.5]
    with pytest.raises(ServiceUnavailableError):
        policy(clock, tries=5).request("it").call(failing(*[FailedError(500)] * 5), what="speak")
    assert clock.waits[2:] == [0.5, 1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after-ms": "2500"}, 2.5),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.5),
        ({"Retry-After": "soon"}, 0.5),
        ({"Retry-After": "0"}, 0.5),
    ],
)
def test_retry_after(clock: Clock, headers: dict[str, str], wait: float) -> None:
    policy(clock).request("it").call(failing(FailedError(429, headers)), what="speak")
    assert clock.waits == [wait]


def test_the_total_time_bounds_waiting(clock: Clock) -> None:
    request = policy(clock, seconds=10.0, tries=9).request("it")
    with pytest.raises(ServiceUnavailableError):
        request.call(failing(*[FailedError(500, {"Retry-After": "4"})] * 9), what="speak")
    assert clock.waits == [4.0, 4.0]


def test_three_tries_in_two_minutes(clock: Clock) -> None:
    """The bounds that every adapter has unless told otherwise."""
    given: list[float] = []

    def attempt(seconds: float) -> Reply[str]:
        given.append(seconds)
        clock.now += seconds
        raise TimeoutError

    begun = clock.now
    with accounting() as ledger, pytest.raises(ServiceTimeoutError):
        policy(clock).request("it").call(attempt, what="speak")
    assert clock.now - begun <= 120.0
    assert len(given) == ledger.calls <= 3
    assert given[0] == 60.0
    given.clear()
    with pytest.raises(ServiceTimeoutError):
        policy(clock, try_seconds=20.0).request("it").call(attempt, what="speak")
    assert given == [20.0, 20.0, 20.0]


def test_no_call_after_the_last_try(clock: Clock) -> None:
    request = policy(clock, tries=1).request("it")
    request.call(failing(), what="speak")
    with pytest.raises(ServiceError, match="used up"):
        request.call(failing(), what="speak")


def test_a_call_that_never_returns(clock: Clock) -> None:
    ending = threading.Event()

    def attempt(seconds: float) -> Reply[str]:
        ending.wait(20)
        return Reply("late")

    with accounting() as ledger, pytest.raises(ServiceTimeoutError, match="within"):
        policy(clock, try_seconds=0.05).request("it").call(
            attempt, what="speak", most=Usage(characters=9)
        )
    ending.set()
    assert [c.outcome for c in ledger.charges] == ["unsure"] * 3
    assert ledger.usage.characters == 27


def test_what_is_raised_holds_nothing_of_the_request(clock: Clock) -> None:
    with pytest.raises(ServiceError) as caught:
        policy(clock).request("it", "A_KEY", "secret-value").call(
            failing(
                FailedError(400, body={"error": {"message": "bad key secret-value " + "x" * 900}})
            ),
            what="speak",
        )
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "secret-value" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_an_error_of_another_kind(clock: Clock) -> None:
    with pytest.raises(ServiceError, match=r"call to it failed \(KeyError") as caught:
        policy(clock).request("it").call(failing(KeyError("x")), what="speak")
    assert not caught.value.retryable


def test_interrupts_go_through(clock: Clock) -> None:
    def sleep(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        policy(clock, sleep=sleep).request("it").call(failing(FailedError(500)), what="speak")


@pytest.mark.parametrize("options", [{"tries": 0}, {"seconds": 0.0}, {"try_seconds": -1.0}])
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        Policy(**options)
