"""The parts of the page that Gradio has no component for, as HTML; whatever came in is escaped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from emoanim.app.comparing import Comparison
from emoanim.app.filming import Film
from emoanim.app.sources import Source
from emoanim.emotions import EmotionPrompt, Timeline

__all__ = [
    "CONSENT",
    "compared",
    "downloads",
    "failure",
    "misunderstood",
    "notes",
    "player",
    "preview",
    "speech",
    "understood",
]

Address = Callable[[Path], str]

CONSENT = (
    '<div class="emo-consent"><strong>Only with consent.</strong> Use it on yourself, on people '
    "who agreed to this use, or on portraits that are free to use. The result is marked as "
    "generated, in its tags and by a signature; where you show it, say so next to it.</div>"
)


def failure(message: str) -> str:
    """Return what went wrong, for everybody to see and hear."""
    text = escape(message)
    return f'<div class="emo-error" data-alert="{text}">{text}</div>'


def understood(asked: EmotionPrompt | Timeline) -> str:
    """Return how a description of the emotion is understood."""
    if isinstance(asked, Timeline):
        starts = [f"from {start:g} s" for start in asked.starts]
        starts = starts or [f"sentence {i}" for i in range(1, len(asked.prompts) + 1)]
        rows = [f"{when}: {_parts(p)}" for when, p in zip(starts, asked.prompts, strict=True)]
        if asked.by_sentence:
            rows[-1] += ", and on to the end"
    else:
        rows = [_parts(asked)]
    return f'<p class="emo-understood">Understood: {escape("; ".join(rows))}</p>'


def _parts(prompt: EmotionPrompt) -> str:
    return " and ".join(f"{p.emotion} {p.intensity:.0%}" for p in prompt.parts)


def misunderstood(message: str) -> str:
    """Return why a description of the emotion is none; said without an alarm, while one types."""
    return f'<p class="emo-understood emo-wrong">{escape(message)}</p>'


def notes(lines: Sequence[str], said: str = "") -> str:
    """Return notes as a list; ``said`` is told to screen readers only."""
    heard = f'<span data-say="{escape(said)}"></span>' if said else ""
    if not lines:
        return heard
    rows = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'{heard}<ul class="emo-notes" aria-label="Notes">{rows}</ul>'


def preview(source: Source, shown: Path, address: Address) -> str:
    """Return the clip or portrait that was taken in."""
    where, name = escape(address(shown)), escape(source.name)
    if source.kind == "portrait":
        picture = f'<img src="{where}" alt="The portrait that was given">'
        return f'<div class="emo-preview">{picture}<p>Portrait: {name}</p></div>'
    label = 'aria-label="The clip that was given"'
    film = f'<video src="{where}" controls playsinline preload="metadata" {label}></video>'
    return f'<div class="emo-preview">{film}<p>Clip: {name}, {source.seconds:.1f} s</p></div>'


def player(source: Source, shown: Path, film: Film, address: Address) -> str:
    """Return before and after, side by side, with one button for both."""
    captions = {path.suffix: path for path in film.subtitles}
    parts = {"after": address(film.path), "captions-after": address(captions[".vtt"])}
    if source.kind == "portrait":
        parts["picture"] = address(shown)
    else:
        parts["before"] = address(shown)
        parts["captions-before"] = address(film.path.with_name("captions.vtt"))
    said = "".join(f' data-{name}="{escape(value)}"' for name, value in parts.items())
    return f"<before-after{said}></before-after>"


def speech(address: str) -> str:
    """Return the new speech, to be heard while the film is being made."""
    sound = f'<audio controls src="{escape(address)}" aria-label="The new speech"></audio>'
    return f"<p>The new speech:</p>{sound}"


def downloads(film: Film, address: Address) -> str:
    """Return links to all that was made."""
    captions = {path.suffix: path for path in film.subtitles}
    rows = (
        (film.path, "Download the film (MP4)"),
        (film.speech, "Sound (WAV)"),
        (captions[".srt"], "Subtitles (SRT)"),
        (film.record, "Record of the run (JSON)"),
    )
    links = "".join(
        f'<li><a href="{escape(address(path))}" download="{escape(path.name)}">{text}</a></li>'
        for path, text in rows
    )
    return f'<ul class="emo-downloads" aria-label="Downloads">{links}</ul>'


def compared(comparison: Comparison | None, folder: Path, address: Address, target: str) -> str:
    """Return what the change is in plain words and as curves; writes these into the folder."""
    if comparison is None:
        return (
            "<p>No classifier is installed here, so the change is not measured. "
            "<code>emoanim doctor</code> shows how to get one.</p>"
        )
    from emoanim.evaluation.plots import GENERATED, ORIGINAL, colour_of

    html = "".join(f"<p>{escape(sentence)}</p>" for sentence in comparison.sentences)
    name = escape(target)
    if comparison.target_curve:
        key = _key(ORIGINAL, "before") + _key(GENERATED, "after")
        html += _curve(
            folder / "target.svg", comparison.target_curve, address,
            f"How strongly {name} shows over time, before and after", key,
        )  # fmt: skip
    if comparison.all_curves:
        key = "".join(_key(colour_of(label), label) for label in comparison.labels)
        html += _curve(
            folder / "all.svg", comparison.all_curves, address,
            "How strongly each emotion shows over time, after", key,
        )  # fmt: skip
    return html


def _curve(path: Path, svg: str, address: Address, title: str, key: str) -> str:
    path.write_text(svg, encoding="utf-8")
    where = escape(address(path))
    caption = f"<figcaption>{title}: {key}</figcaption>"
    return f'<figure class="emo-curve"><img src="{where}" alt="{title}">{caption}</figure>'


def _key(colour: str, label: str) -> str:
    swatch = f'<span class="emo-key" style="background:{colour}"></span>'
    return f'<span class="emo-named">{swatch}{escape(label)}</span> '
