"""Bytes from an http(s) address: all of them, and never a web page in their place."""

from __future__ import annotations

import http.client
import http.cookiejar
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from typing import Any

from emoanim.errors import WeightsError

__all__ = ["download"]

_CHUNK = 1 << 20
_TIMEOUT = 60.0
_LARGEST_PAGE = 1 << 20
_LARGEST_FILE = 8_000_000_000
_LONGEST = 4 * 3600.0
_TRIES = 3
_WAIT = 1.0
"""Seconds before the third try."""


def download(
    address: str,
    *,
    confirm: bool = False,
    most: int = _LARGEST_FILE,
    seconds: float = _LONGEST,
) -> Iterator[bytes]:
    """Yield what an address gives, in pieces; a connection that breaks off is taken up again.

    Args:
        address: http(s).
        confirm: a page with a form ("too large to be scanned for viruses") may come first; the
            form's hidden fields are sent back once, which is what its button does.
        most: bytes that it may have.
        seconds: that all of it may take.

    Raises:
        WeightsError: no connection, an error of the server, fewer bytes than it announced, more
            bytes or time than allowed, or a web page.
    """
    if not address.startswith(("https://", "http://")):
        raise WeightsError(f"the address {address!r} was given; expected https://...")
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    began, got, total, where = time.monotonic(), 0, None, address
    for attempt in range(_TRIES):
        try:
            answer, where = _answer(opener, where, got, confirm and got == 0)
            with answer:
                _check_continued(answer, got, total, address)
                total = _announced(answer, got) if total is None else total
                for piece in iter(partial(answer.read, _CHUNK), b""):
                    got += len(piece)
                    _check(address, got, most, time.monotonic() - began, seconds)
                    yield piece
            if total is None or got == total:
                return
            reason: object = f"broke off after {got} of {total} bytes"
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            if not got:
                raise WeightsError(
                    f"{address} could not be downloaded ({error}). Check the network and try again."
                ) from error
            reason = f"broke off after {got} bytes ({error})"
        if attempt + 1 < _TRIES:
            time.sleep(_WAIT * attempt)
    raise WeightsError(f"{address} {reason}. Nothing was kept; try again.")


def _answer(
    opener: urllib.request.OpenerDirector, address: str, start: int, confirm: bool
) -> tuple[Any, str]:
    """Ask for the bytes from ``start`` on; return the answer, and the address that gave it."""
    answer = _open(opener, address, start)
    if confirm and _is_page(answer):
        with answer:
            page = answer.read(_LARGEST_PAGE).decode(errors="replace")
        address = _confirmed(address, page)
        answer = _open(opener, address, start)
    if _is_page(answer):
        answer.close()
        raise WeightsError(
            f"{address} answers with a web page instead of the file: too many downloads "
            "today, a sign-in, or it is no longer shared. Try again later, or download it "
            "in a browser and give its path."
        )
    return answer, address


def _check_continued(answer: Any, got: int, total: int | None, address: str) -> None:
    """Check that a second answer goes on where the first broke off."""
    if got and answer.status != http.HTTPStatus.PARTIAL_CONTENT:
        of = "" if total is None else f" of {total}"
        raise WeightsError(
            f"{address} broke off after {got}{of} bytes, and its server cannot go on from there. "
            "Nothing was kept; try again."
        )


def _announced(answer: Any, got: int) -> int | None:
    length = answer.headers.get("Content-Length")
    return got + int(length) if length is not None and length.isdigit() else None


def _check(address: str, got: int, most: int, spent: float, seconds: float) -> None:
    if got > most:
        raise WeightsError(
            f"{address} gives more than {most} bytes; expected no more. It is another file: "
            "nothing was kept."
        )
    if spent > seconds:
        raise WeightsError(
            f"{address} took more than {seconds / 60:.0f} minutes for {got} bytes. Nothing was "
            "kept; try again on a faster network, or download it by hand and give its path."
        )


def _open(opener: urllib.request.OpenerDirector, address: str, start: int) -> Any:
    opener.addheaders = [("User-Agent", "emoanim")]
    if start:
        opener.addheaders.append(("Range", f"bytes={start}-"))
    return opener.open(address, timeout=_TIMEOUT)


def _is_page(answer: Any) -> bool:
    return bool(answer.headers.get_content_type() == "text/html")


def _confirmed(address: str, page: str) -> str:
    form = _Form()
    form.feed(page)
    plain, _, query = address.partition("?")
    fields = {**dict(urllib.parse.parse_qsl(query)), **form.fields}
    return f"{plain}?{urllib.parse.urlencode(fields)}"


class _Form(HTMLParser):
    """Collects the hidden fields of a page's forms."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "input" and attributes.get("type") == "hidden" and attributes.get("name"):
            self.fields[str(attributes["name"])] = attributes.get("value") or ""
