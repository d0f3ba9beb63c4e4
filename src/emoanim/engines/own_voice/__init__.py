"""A speaker's own recording said again in another manner.

WORLD takes it apart; it gets a new time, pitch and spectrum, and is put together again in the room
it was recorded in.
"""

from emoanim.engines.own_voice.manner import manner_of
from emoanim.engines.own_voice.saying import Said, say_again
from emoanim.engines.own_voice.take import Take

__all__ = ["Said", "Take", "manner_of", "say_again"]
