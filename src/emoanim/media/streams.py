"""What a film shows and sounds like, whatever its container says beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from emoanim.media.opening import opened

__all__ = ["digest_of_streams"]


def digest_of_streams(path: str | Path) -> str:
    """Return the SHA-256 of a film's encoded pictures and sound with their times, in hexadecimal.

    Tags, signatures and the order in which packets lie in the file have no part in it, so that two
    films that were signed at different times are equal by it if they show and sound the same.

    Raises:
        MediaError: no such file, or nothing that FFmpeg knows.
    """
    with opened(path) as container:
        hashes = []
        for stream in container.streams:
            about = stream.codec_context  # None for a stream of another kind
            setup = b"" if about is None else about.name.encode() + bytes(about.extradata or b"")
            hashes.append(hashlib.sha256(f"{stream.type} {stream.time_base} ".encode() + setup))
        for packet in container.demux():
            if packet.size:
                hashed = hashes[packet.stream.index]
                hashed.update(f"{packet.pts} {packet.dts} {packet.duration} ".encode())
                hashed.update(bytes(packet))
    return hashlib.sha256(b"".join(each.digest() for each in hashes)).hexdigest()
