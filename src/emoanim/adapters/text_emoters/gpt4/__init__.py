"""The paper's text emoter: GPT-4, or any model behind an OpenAI-compatible server."""

from emoanim.adapters.text_emoters.gpt4.emoter import GPT4TextEmoter

__all__ = ["GPT4TextEmoter"]
