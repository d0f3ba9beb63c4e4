"""Whatever an SDK raises, as one family of errors that say whether to try again and what to do."""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from typing import Any

from emoanim.errors import (
    EmoanimError,
    RateLimitError,
    RefusalError,
    ServiceError,
    ServiceKeyError,
    ServiceReplyError,
    ServiceRequestError,
    ServiceTimeoutError,
    ServiceUnavailableError,
)
from emoanim.services.keys import scrubbed

__all__ = ["billed", "normalised", "retry_after"]

_LONGEST = 200
_QUOTA = ("insufficient_quota", "quota_exceeded", "billing", "credit")
_CUT_OFF = ("RemoteProtocolError", "DecodingError")
_DECLINED = ("content_policy", "content_filter", "moderation", "safety")


def normalised(error: Exception, service: str, variable: str, *keys: str) -> EmoanimError:
    """Return the error as one of ``emoanim.errors``; its message holds no key.

    SDKs are told apart by what their errors carry (a status, a name), not by importing them.
    """
    if isinstance(error, EmoanimError):
        return error
    names = {cls.__name__ for cls in type(error).__mro__}
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status >= 400:
        return _by_status(status, _said(error, keys), service, variable)
    if names & {"TimeoutException", "APITimeoutError", "TimeoutError"}:
        return ServiceTimeoutError(
            f"{service} did not answer in time.", retryable=True, hint="Try again later."
        )
    if names & {*_CUT_OFF, "JSONDecodeError", "ParsingError"} or (
        isinstance(status, int) or "APIResponseValidationError" in names
    ):
        return ServiceReplyError(
            f"the answer of {service} is cut off or cannot be read ({type(error).__name__}).",
            retryable=True,
            hint="Try again; if it stays so, check the address and the service's version.",
        )
    if names & {"TransportError", "APIConnectionError", "ConnectionError", "OSError"}:
        cause = error.__cause__
        if isinstance(cause, Exception) and type(cause).__name__ in _CUT_OFF:
            return normalised(cause, service, variable, *keys)
        return ServiceUnavailableError(
            f"{service} cannot be reached ({type(cause or error).__name__}).",
            retryable=True,
            hint="Check the network and the address.",
        )
    return ServiceError(
        f"the call to {service} failed ({type(error).__name__}: {_said(error, keys)}).",
        hint="Check the backend's options and the version of its package.",
    )


def billed(error: Exception, known: EmoanimError) -> bool:
    """Tell whether a call that failed so may be on the invoice: an answer may have been made.

    Args:
        error: what the SDK raised; one with an error's status is an answer that bills nothing.
        known: the same as ``normalised`` gives it.
    """
    status = getattr(error, "status_code", None)
    refused = isinstance(status, int) and status >= 400
    return not refused and isinstance(known, ServiceTimeoutError | ServiceReplyError | RefusalError)


def retry_after(error: Exception) -> float | None:
    """Return the seconds that a service asks to wait; None if it says nothing that can be read."""
    headers = getattr(error, "headers", None) or getattr(
        getattr(error, "response", None), "headers", None
    )
    if not headers:
        return None
    low = {str(k).lower(): str(v) for k, v in headers.items()}
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        if name in low:
            try:
                return max(0.0, float(low[name]) * unit)
            except ValueError:
                date = email.utils.parsedate_tz(low[name])
                if date is not None:
                    return max(0.0, email.utils.mktime_tz(date) - time.time())
    return None


def _by_status(status: int, said: str, service: str, variable: str) -> ServiceError:
    detail = f" ({said})" if said else ""
    low = said.lower()
    if status in (401, 403) and not any(word in low for word in (*_QUOTA, "output_format")):
        return ServiceKeyError(
            f"{service} does not take the key{detail}.",
            hint=f"Check {variable or 'the key of the client'} and what the account may use.",
        )
    if status == 402 or (status in (400, 401, 403, 429) and any(w in low for w in _QUOTA)):
        return RateLimitError(
            f"the quota of the account at {service} is used up{detail}.",
            hint="Raise it there, or wait until it is renewed.",
        )
    if status == 429:
        return RateLimitError(
            f"{service} is asked too often{detail}.", retryable=True, hint="Try again later."
        )
    if status == 408:
        return ServiceTimeoutError(
            f"{service} gave up waiting{detail}.", retryable=True, hint="Try again later."
        )
    if status in (409, 425) or status >= 500:
        return ServiceUnavailableError(
            f"{service} has a fault of its own, status {status}{detail}.",
            retryable=True,
            hint="Try again later.",
        )
    if any(word in low for word in _DECLINED):
        return RefusalError(
            f"{service} declined{detail}.", hint="Change the text or take another backend."
        )
    return ServiceRequestError(
        f"{service} does not take the request, status {status}{detail}.",
        hint="Check the backend's options: model, voice, rate, address.",
    )


def _said(error: Exception, keys: tuple[str, ...]) -> str:
    """Return what the service said, short and without keys."""
    body: Any = getattr(error, "body", None)
    text = _message(body) or (str(error) if body is None else "")
    text = " ".join(scrubbed(text, *keys).split()).rstrip(".")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _message(body: Any) -> str:
    if isinstance(body, Mapping):
        parts = [
            _message(body[name])
            for name in ("code", "status", "error", "detail", "message")
            if body.get(name)
        ]
        return ": ".join(p for p in parts if p) or json.dumps(dict(body), default=str)
    return body if isinstance(body, str) else ""
