"""A picture of a person, prepared once, that speaks as text comes in."""

from emoanim.avatar.avatar import Avatar
from emoanim.avatar.frames import RATE, AvatarFrame

__all__ = ["RATE", "Avatar", "AvatarFrame"]
