"""Disks that fill up: a real small one where that may be mounted, and a limit of the size of files everywhere else."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

FILLER = "filler"


class SmallDisk(Protocol):
    """Attributes:
    folder: what is written here soon meets the end.
    why: a part of the sentence that then tells the reason.
    """

    folder: Path
    why: str

    def make_room(self) -> None:
        """From now on there is enough."""
        ...


class FullDisk:
    """A file system of ``size`` bytes, of which only ``free`` are left over by a file that can be deleted."""

    why = r"(disk is full at|are free on the disk of) "

    def __init__(self, folder: Path, free: int) -> None:
        self.folder = folder
        usage = os.statvfs(folder)
        (folder / FILLER).write_bytes(bytes(usage.f_bavail * usage.f_frsize - free))

    def make_room(self) -> None:
        (self.folder / FILLER).unlink()


class FileLimit:
    """This process, and those that it starts meanwhile, may write no file beyond ``free`` bytes."""

    why = "reached the largest size"

    def __init__(self, folder: Path, free: int) -> None:
        self.folder = folder
        self._old = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (free, self._old[1]))

    def make_room(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._old)


@contextlib.contextmanager
def small_disk(kind: str, folder: Path, *, size: int = 3_000_000, free: int) -> Iterator[SmallDisk]:
    """``kind``: "full" (ENOSPC; skips the test where nothing can be mounted) or "limit" (EFBIG)."""
    folder.mkdir()
    if kind == "limit":
        limit = FileLimit(folder, free)
        try:
            yield limit
        finally:
            limit.make_room()
        return
    sudo = _mount(folder, size)
    try:
        yield FullDisk(folder, free)
    finally:
        subprocess.run([*sudo, "umount", "--lazy", str(folder)], check=True)


def _mount(folder: Path, size: int) -> list[str]:
    """Returns the words that have to stand before a command for it to be allowed."""
    said = ""
    for sudo in ([], ["sudo", "-n"]):
        options = f"size={size},mode=0777"
        command = [*sudo, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            continue
        if done.returncode == 0:
            return sudo
        said = done.stderr.strip()
    pytest.skip(f"no tmpfs can be mounted: {said}")
