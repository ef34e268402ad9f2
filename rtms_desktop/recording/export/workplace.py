"""Where an export is written: a hidden folder beside OUT; whole files are moved to their names at the end. Any thread.

Whatever goes wrong, the hidden folder goes, and OUT is as it was before.
"""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from rtms_desktop.errors import UsageError
from rtms_desktop.recording.export.options import SEVERAL, ExportOptions


class Workplace:
    """A context manager; ``commit`` inside it moves what was written to OUT.

    Methods raise UsageError where OUT cannot be used as it was given, and OSError when the disk refuses.

    Attributes:
        is_folder: OUT is a folder.
        scratch: a folder for what is needed on the way; it does not exist yet.
    """

    def __init__(self, options: ExportOptions, recording: Path) -> None:
        """``recording``: the bundle or the bare tape that is exported."""
        out = Path(options.out)
        self._force = options.force
        self.is_folder = out.is_dir() or options.out.endswith(("/", os.sep))
        self.is_folder |= options.format in SEVERAL and not out.suffix and not out.exists()
        self._target = out if self.is_folder else out.parent
        self._name = f"{recording.stem}.{options.format}" if self.is_folder else out.name
        self._spare(recording)
        # A folder is made where it is missing, but not the folders above it.
        above = self._target.parent if self.is_folder and not self._target.exists() else self._target
        if not above.is_dir():
            raise UsageError(f"there is no folder {above}", fix="Make it first, or choose another place with -o.")
        self._root = above / f".export-{secrets.token_hex(4)}.part"
        self._files = self._root / "files"
        self.scratch = self._root / "scratch"
        if not self.is_folder:
            self._check_free(self._name)

    def __enter__(self) -> Workplace:
        self._files.mkdir(parents=True)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._root, ignore_errors=True)

    def main_file(self) -> Path:
        """Where to write the one file of this export: OUT, or in the folder OUT a file named as the recording."""
        return self.file(self._name)

    def file(self, name: str) -> Path:
        """Where to write a file that shall be called ``name``. Raises UsageError when that name is taken."""
        self._check_free(name)
        return self._files / name

    def commit(self) -> list[Path]:
        """Move every file to its name; returns the names, sorted."""
        written = sorted(self._files.iterdir())
        for path in written:
            self._check_free(path.name)
        if not self._target.exists():
            os.replace(self._files, self._target)
        else:
            for path in written:
                os.replace(path, self._target / path.name)
        return [self._target / path.name for path in written]

    # -- inside --------------------------------------------------------------------------------------------

    def _check_free(self, name: str) -> None:
        path = self._target / name
        if path.is_dir():
            raise UsageError(f"{path} is a folder", fix="Choose another name with -o.")
        if path.exists() and not self._force:
            raise UsageError(f"{path} exists already", fix="Choose another name with -o, or replace it with --force.")

    def _spare(self, recording: Path) -> None:
        target = (self._target / self._name).resolve()
        if target.is_relative_to(recording.resolve()):
            raise UsageError(
                f"{target} belongs to the recording", "an export must not touch it", "Choose another place with -o."
            )
