"""``emoanim speak``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from emoanim.cli.loudness import notices
from emoanim.cli.options import EmotionOption, JsonOption, SubtitlesOption
from emoanim.cli.printing import print_json, print_words
from emoanim.cli.settings_options import AS_THE_PRESET, SettingsChoice, with_settings
from emoanim.clips import Speech
from emoanim.emotions import EmotionPrompt, Timeline, read_prompt

__all__ = ["speak"]


@with_settings("face_emoter", "animator", "classifier", "takes", "stills", "person")
def speak(
    source: Annotated[Path, typer.Argument(help="video or sound of one person speaking")],
    emotion: EmotionOption,
    output: Annotated[Path, typer.Option("--output", "-o", help="the new speech, .wav")],
    choice: SettingsChoice = AS_THE_PRESET,
    subtitles: SubtitlesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make only the speech: a video or sound in, a sound file out."""
    from emoanim.cli.progress import ProgressBars
    from emoanim.language.subtitles import check_beside, write_beside
    from emoanim.media import check_writable, limited, read_sound, write_wav
    from emoanim.runs.marking import Marking
    from emoanim.services import accounting
    from emoanim.speech import SpeechToSpeech

    prompt = read_prompt(emotion)
    check_writable(output, suffixes=(".wav",), source=source)
    if subtitles:
        check_beside(output)
    settings = choice.settings()
    chain = SpeechToSpeech.from_settings(settings)
    console = notices()
    with limited(settings.limits):
        sound = read_sound(source, None, track=settings.audio_track)
    for note in sound.notes:
        console.print(f"note: {escape(note)}", style="yellow", soft_wrap=True)
    with ProgressBars(console) as bars, accounting(settings.budget) as ledger:
        result = chain(sound.audio, prompt, on_step=bars)
    marking = Marking(settings, prompt, source)
    for note in (*result.notes, *marking.notes(output)):
        console.print(f"note: {escape(note)}", style="yellow", soft_wrap=True)
    tags = marking.tags(result.text)
    write_wav(
        output,
        result.speech.audio,
        tags=tags,
        sign=marking.signer(output),
        placement=sound.placement,
    )
    written = write_beside(output, result.speech) if subtitles else ()
    if as_json:
        record = {
            "source": str(source),
            "output": str(output),
            **_emotion_record(prompt, result.speech),
            "transcript": result.transcript.text,
            "text": result.text,
            "rewriting": dict(result.rewriting),
            "subtitles": [str(path) for path in written],
            "speech_seconds": round(result.speech.audio.duration, 3),
            "timings": {k: round(v, 3) for k, v in result.timings.items()},
            "costs": ledger.to_dict(),
            "notes": [*sound.notes, *result.notes],
        }
        print_json(record)
    else:
        print_words(console, result.transcript.text, result.text)
        for path in (output, *written):
            typer.echo(path)


def _emotion_record(prompt: EmotionPrompt | Timeline, speech: Speech) -> dict[str, Any]:
    from emoanim.runs.records import prompt_record, timeline_record

    passages = [{"start": round(at, 3), **prompt_record(p)} for at, p in speech.passages]
    if isinstance(prompt, EmotionPrompt):
        return {**prompt_record(prompt), "passages": passages}
    main = prompt.main(speech.audio.duration)
    return {**prompt_record(main), "timeline": timeline_record(prompt), "passages": passages}
