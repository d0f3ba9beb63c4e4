"""Bytes from an http(s) address: all of them, and never a web page in their place."""

from __future__ import annotations

import http.client
import http.cookiejar
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from emoanim.errors import WeightsError

__all__ = ["download"]

_CHUNK = 1 << 20
_TIMEOUT = 60.0
_LARGEST_PAGE = 1 << 20


def download(address: str, *, confirm: bool = False) -> Iterator[bytes]:
    """Yield what an address gives, in pieces.

    Args:
        address: http(s).
        confirm: a page with a form ("too large to be scanned for viruses") may come first; the
            form's hidden fields are sent back once, which is what its button does.

    Raises:
        WeightsError: no connection, an error of the server, fewer bytes than it announced, or
            a web page.
    """
    if not address.startswith(("https://", "http://")):
        raise WeightsError(f"the address {address!r} was given; expected https://...")
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    try:
        answer = _open(opener, address)
        if confirm and _is_page(answer):
            with answer:
                page = answer.read(_LARGEST_PAGE).decode(errors="replace")
            answer = _open(opener, _confirmed(address, page))
        with answer:
            if _is_page(answer):
                raise WeightsError(
                    f"{address} answers with a web page instead of the file: too many downloads "
                    "today, a sign-in, or it is no longer shared. Try again later, or download it "
                    "in a browser and give its path."
                )
            yield from _whole(answer, address)
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise WeightsError(
            f"{address} could not be downloaded ({error}). Check the network and try again."
        ) from error


def _open(opener: urllib.request.OpenerDirector, address: str) -> Any:
    request = urllib.request.Request(address, headers={"User-Agent": "emoanim"})  # noqa: S310 - checked
    return opener.open(request, timeout=_TIMEOUT)


def _is_page(answer: Any) -> bool:
    return bool(answer.headers.get_content_type() == "text/html")


def _whole(answer: Any, address: str) -> Iterator[bytes]:
    """A connection that ends early is no error to the client library; it is one here."""
    announced = answer.headers.get("Content-Length")
    got = 0
    while piece := answer.read(_CHUNK):
        got += len(piece)
        yield piece
    if announced is not None and got != int(announced):
        raise WeightsError(
            f"{address} broke off after {got} of {announced} bytes. Nothing was kept; try again."
        )


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
        found = dict(attrs)
        if tag == "input" and found.get("type") == "hidden" and found.get("name"):
            self.fields[str(found["name"])] = found.get("value") or ""
