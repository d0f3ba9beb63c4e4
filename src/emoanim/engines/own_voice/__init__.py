"""A speaker's own recording said again in another manner.

Its periods get a new time, pitch and colour, and what is not voiced a new time, in the room it was
recorded in.
"""

from emoanim.engines.own_voice.manner import manner_of
from emoanim.engines.own_voice.saying import Said, say_again
from emoanim.engines.own_voice.take import Take

__all__ = ["Said", "Take", "manner_of", "say_again"]
