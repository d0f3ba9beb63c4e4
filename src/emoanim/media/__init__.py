"""Reading and writing video, sound and pictures, on PyAV; it is used nowhere else."""

from emoanim.media.audio import read_audio, write_wav
from emoanim.media.opening import read_tags
from emoanim.media.pictures import read_image, write_image
from emoanim.media.video import Video
from emoanim.media.writing import write_video
from emoanim.outputs import VIDEO_SUFFIXES, check_writable

__all__ = [
    "VIDEO_SUFFIXES",
    "Video",
    "check_writable",
    "read_audio",
    "read_image",
    "read_tags",
    "write_image",
    "write_video",
    "write_wav",
]
