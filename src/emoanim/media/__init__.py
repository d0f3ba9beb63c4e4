"""Reading and writing video, sound and pictures, on PyAV; it is used nowhere else."""

from emoanim.media.audio import DecodedSound, read_audio, read_sound, write_wav
from emoanim.media.fragments import FragmentedVideo
from emoanim.media.jpeg import encoded_jpeg
from emoanim.media.layouts import MONO, STEREO, Placement
from emoanim.media.limits import Limits, limited
from emoanim.media.opening import read_tags
from emoanim.media.pictures import read_image, write_image
from emoanim.media.streams import digest_of_streams
from emoanim.media.video import Video
from emoanim.media.writing import write_video
from emoanim.outputs import VIDEO_SUFFIXES, check_writable

__all__ = [
    "MONO",
    "STEREO",
    "VIDEO_SUFFIXES",
    "DecodedSound",
    "FragmentedVideo",
    "Limits",
    "Placement",
    "Video",
    "check_writable",
    "digest_of_streams",
    "encoded_jpeg",
    "limited",
    "read_audio",
    "read_image",
    "read_sound",
    "read_tags",
    "write_image",
    "write_video",
    "write_wav",
]
