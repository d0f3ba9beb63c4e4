"""The web page: a clip or a portrait in, words that can be edited, the film out.

``Desk`` is what stands behind it and knows no web framework: it takes files, reads words and makes
films for many visitors, each in a folder of their own that is deleted after them. ``page`` draws
it with Gradio, ``gate`` says what the server answers, ``serving`` runs it.
"""

from emoanim.app.bounds import AppBounds
from emoanim.app.desk import Choice, Desk

__all__ = ["AppBounds", "Choice", "Desk"]
