"""Makes any export of any recording. Called by the command line, and by the application on a worker thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av

from rtms_desktop.errors import BundleError, DiskError, UsageError
from rtms_desktop.recording.export.film import export_mkv, export_mp4
from rtms_desktop.recording.export.material import Material, open_material
from rtms_desktop.recording.export.options import FILMS, ExportOptions, FillPicture, Format, Gaps, Watch
from rtms_desktop.recording.export.report import export_report
from rtms_desktop.recording.export.sound import export_sound
from rtms_desktop.recording.export.texts import export_text
from rtms_desktop.recording.export.workplace import Workplace
from rtms_desktop.recording.reader import open_recording

Exporter = Callable[[Material, ExportOptions, Workplace, Watch], None]

_EXPORTERS: dict[Format, Exporter] = {
    Format.MP4: export_mp4,
    Format.MKV: export_mkv,
    Format.WAV: export_sound,
    Format.FLAC: export_sound,
    Format.VTT: export_text,
    Format.SRT: export_text,
    Format.TXT: export_text,
    Format.JSON: export_text,
    Format.CSV: export_text,
    Format.HTML: export_report,
}


def export(
    path: Path,
    options: ExportOptions,
    progress: Callable[[float], None] = lambda fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Path]:
    """Export the bundle or tape at ``path``, closed or cut; returns the files that were written.

    ``progress`` is told 0 to 1; ``cancelled`` is asked often. Both are called on the calling thread. Nothing appears
    under the name of OUT before all of it is whole.

    Raises:
        BundleError: no recording, or nothing in it to export.
        UsageError: options that do not fit together, a place that is taken, an unknown participant.
        DiskError: the disk refused.
        ExportCancelled: ``cancelled`` said so.
    """
    _check(options)
    recording = open_recording(path)
    source = recording.bundle or recording.tape
    assert source is not None
    watch = Watch(progress, cancelled)
    try:
        with Workplace(options, source) as work:
            watch.at(0.0)
            material = open_material(recording, work.scratch, watch.part(0, 2))
            if options.part is not None:
                options = replace(options, span=material.span_of(options.part))
            material.check_user(options.user_id)
            material.check_span(options.span)
            second_half = watch.part(1, 2) if work.scratch.exists() else watch
            _EXPORTERS[options.format](material, options, work, second_half)
            written = work.commit()
    except OSError as error:
        why = error.strerror or str(error)
        raise DiskError(f"{options.out} was not written", why, "Free space or choose another place with -o.") from error
    except av.FFmpegError as error:
        raise BundleError(f"{path} cannot be exported as {options.format}", str(error)) from error
    progress(1.0)
    return written


def _check(options: ExportOptions) -> None:
    if not options.out:
        raise UsageError("there is no name to export to", fix="Say where with -o.")
    if options.fill_picture is FillPicture.BLACK and options.format not in FILMS:
        raise UsageError(f"--fill-picture black says nothing for {options.format}", "", "Use it with mp4 or mkv.")
    if options.format is Format.HTML and options.user_id is not None:
        raise UsageError("a report tells of everybody", "", "Leave --user away, or choose another format.")
    wanted = options.span or options.part
    if options.format is Format.HTML and wanted is not None:
        raise UsageError("a report tells of the whole recording", "", "Choose another format for a part of it.")
    if wanted is not None and wanted[1] is not None and wanted[0] >= wanted[1]:
        raise UsageError("the part to export ends before it begins", "", "Choose another part.")
    if options.format is Format.HTML and options.gaps is Gaps.CLOSE:
        raise UsageError("a report shows gaps where they were", "", "Leave --gaps close away.")
