"""A clone of the speaker's voice that lives no longer than it is needed."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from emoanim.clips import Audio
from emoanim.errors import (
    BudgetError,
    EmoanimError,
    MissingExtraError,
    RateLimitError,
    ServiceKeyError,
    ServiceRequestError,
    SettingsError,
)
from emoanim.services import CloneRecord, Price, Reply, Usage
from emoanim.services.clones import cross_off, leftover_clones, written_down
from emoanim.services.elevenlabs.client import SERVICE, Service, once
from emoanim.sound.wav import encoded_wav

__all__ = ["cloned", "delete_leftovers"]

# More does not make an instant clone better.
_LONGEST_SAMPLE = 120.0
_FREE = Price()
# After these the service has made none.
_NOT_MADE = (
    ServiceKeyError,
    RateLimitError,
    ServiceRequestError,
    BudgetError,
    MissingExtraError,
    SettingsError,
)
_log = logging.getLogger(__name__)


@contextmanager
def cloned(service: Service, reference: Audio) -> Iterator[str]:
    """Make a clone, give its voice id, delete the clone.

    It is written down before it is made and crossed off when it is gone, so that none is
    forgotten: what a crash left is deleted first, and listed by ``emoanim doctor`` until then.

    Raises:
        ServiceError: it cannot be made. One that cannot be deleted stays listed and is logged.
    """
    delete_leftovers(service)
    with written_down(SERVICE, service.address) as entry:
        try:
            voice_id, tries = _create(service, entry.record.name, reference)
        except _NOT_MADE:
            cross_off(entry.record)
            raise
        except BaseException:
            _forget(service, entry.record)
            raise
        try:
            entry.note(voice_id, tries == 1)
            yield voice_id
        finally:
            _forget(service, entry.record)


def delete_leftovers(service: Service) -> None:
    """Delete the clones that crashed runs left at this service; those that stay are logged."""
    for record in leftover_clones(SERVICE):
        if record.address == service.address:
            _forget(service, record)


def _create(service: Service, name: str, reference: Audio) -> tuple[str, int]:
    """Return the voice's id and the tries that it took."""
    sound = encoded_wav(reference, _LONGEST_SAMPLE)
    tries = 0

    def attempt(seconds: float) -> Reply[str]:
        nonlocal tries
        tries += 1
        created = service.client.voices.ivc.create(
            name=name,
            files=[("reference.wav", io.BytesIO(sound), "audio/wav")],
            remove_background_noise=False,
            request_options=once(seconds),
        )
        return Reply(str(created.voice_id), Usage())

    voice_id = service.request().call(attempt, what="clone", price=_FREE)
    return voice_id, tries


def _forget(service: Service, record: CloneRecord) -> None:
    """Delete a clone by its id, and whatever else bears its name if there may be such."""
    ids = {record.voice_id} - {""}
    try:
        if not record.alone:
            ids.update(_matching_ids(service, record.name))
        for voice_id in sorted(ids):
            _delete(service, voice_id)
    except EmoanimError as error:
        _log.warning(
            "the voice clone %s stays at %s: %s Delete it with: emoanim clones --delete",
            record.name,
            SERVICE,
            error,
        )
        return
    cross_off(record)


def _matching_ids(service: Service, name: str) -> list[str]:
    def attempt(seconds: float) -> Reply[list[str]]:
        page: Any = service.client.voices.search(search=name, request_options=once(seconds))
        return Reply([v.voice_id for v in page.voices if v.name == name], Usage())

    return service.request().call(attempt, what="find", price=_FREE)


def _delete(service: Service, voice_id: str) -> None:
    def attempt(seconds: float) -> Reply[bool]:
        service.client.voices.delete(voice_id, request_options=once(seconds))
        return Reply(True, Usage())

    try:
        service.request().call(attempt, what="delete", price=_FREE)
    except ServiceRequestError as error:
        if "404" not in str(error) and "not_found" not in str(error):
            raise
