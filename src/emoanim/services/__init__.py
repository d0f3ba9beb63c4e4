"""The one policy for calls to paid services: tries, time, errors, costs, replies kept.

Every adapter that calls a service does so through here. ``Policy`` bounds a request,
``accounting`` counts what it costs and holds it to a budget, ``ReplyCache`` answers a request
that was made before, and ``leftover_clones`` finds voices that a crash left at a service.
"""

from emoanim.services.clones import CloneRecord, leftover_clones
from emoanim.services.keys import Key, scrubbed
from emoanim.services.ledger import Charge, Ledger, Usage, accounting, current_ledger
from emoanim.services.openai_server import OpenAIServer
from emoanim.services.policy import Policy, Reply, Request
from emoanim.services.prices import Price, price_of
from emoanim.services.replies import ReplyCache, content_key

__all__ = [
    "Charge",
    "CloneRecord",
    "Key",
    "Ledger",
    "OpenAIServer",
    "Policy",
    "Price",
    "Reply",
    "ReplyCache",
    "Request",
    "Usage",
    "accounting",
    "content_key",
    "current_ledger",
    "leftover_clones",
    "price_of",
    "scrubbed",
]
