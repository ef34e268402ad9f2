"""``rtms-desktop export``: files for other programs, made from a recording (main thread)."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rtms_desktop.app.options import clock, parser
from rtms_desktop.errors import RtmsError
from rtms_desktop.recording.bundle_notes import remember_exports
from rtms_desktop.recording.export.options import ExportOptions, FillPicture, Format, Gaps
from rtms_desktop.recording.export.run import export
from rtms_desktop.recording.reader import locate

_EPILOG = """
mp4: one picture track (--user, else the active speaker, else whoever has most pictures) with the mixed sound; OUT a
folder: a film per participant. Video is copied: while pictures are missing the last one stands. mkv: everything, with
every voice. wav, flac: OUT a folder: a file per speaker and mixed; OUT a file: the mix, or --user. --gaps mark:
chapters (mp4, mkv), NAME.gaps.csv beside sound, marks among the lines of text. --fill-picture black encodes video again
to one size; so do --from and --to, and the film begins exactly there. What a person marked is a chapter, a line or a
comment in any case.
"""


def main(argv: Sequence[str]) -> int:
    made = parser("export", "Make files for other programs from a recording.")
    made.epilog = _EPILOG
    made.add_argument("recording", type=Path, metavar="BUNDLE", help="a .rtmsrec folder, or a tape")
    made.add_argument("--format", type=Format, choices=list(Format), required=True, metavar="F", help=" ".join(Format))
    made.add_argument("-o", "--out", required=True, metavar="OUT", help="file or folder to write")
    made.add_argument(
        "--gaps", type=Gaps, choices=list(Gaps), default=Gaps.FILL, metavar="HOW",
        help="time in which media is missing: fill (silence, the last picture; default), mark or close",
    )  # fmt: skip
    made.add_argument(
        "--fill-picture", type=FillPicture, choices=list(FillPicture), default=FillPicture.LAST, metavar="WHAT",
        help="what is seen in gaps: last (default) or black",
    )  # fmt: skip
    made.add_argument("--user", type=int, metavar="ID", help="only this participant")
    made.add_argument(
        "--from", dest="begin", type=clock, metavar="TIME", help="only from here on: 90, 1:30 or 0:01:30.5"
    )
    made.add_argument("--to", dest="end", type=clock, metavar="TIME", help="only up to here, in the times of inspect")
    made.add_argument("--force", action="store_true", help="replace files that exist")
    options = made.parse_args(argv)
    wanted = ExportOptions(
        format=options.format,
        out=options.out,
        gaps=options.gaps,
        fill_picture=options.fill_picture,
        user_id=options.user,
        part=None if options.begin is options.end is None else (options.begin or 0, options.end),
        force=options.force,
    )
    with _stop_on_signals() as cancelled:
        written = export(options.recording, wanted, _progress, cancelled)
    _remember(options.recording, written)
    for path in written:
        print(path)
    return 0


def _remember(recording: Path, written: Sequence[Path]) -> None:
    """What was made of a recording goes with it when its stream is revoked, and at once where that has happened."""
    try:
        bundle, _ = locate(recording)
        if bundle is not None:
            remember_exports(bundle, written)
    except RtmsError as error:
        if recording.exists():  # a disk that is only read
            print(f"rtms-desktop: the export is not remembered: {error.sentence()}", file=sys.stderr)
            return
        for path in written:
            path.unlink(missing_ok=True)
        raise RtmsError("the recording was deleted while it was exported", "nothing of it was kept") from error


def _progress(fraction: float) -> None:
    """A number that a person can watch; a log gets nothing."""
    if sys.stderr.isatty():
        print(f"\r{fraction:4.0%} ", end="\n" if fraction >= 1 else "", file=sys.stderr, flush=True)


@contextmanager
def _stop_on_signals() -> Iterator[Callable[[], bool]]:
    """While this lasts, SIGINT and SIGTERM end the export in order: nothing half-written stays."""
    asked = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: asked.set()) for number in numbers]
    try:
        yield asked.is_set
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
