"""Takes out of free text what may not leave this computer: secrets, names, ids, paths. Pure; any thread."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from rtms_desktop.wire.redact import MASK, redact_text

_HOMES = re.compile(r"(?:/home/|/Users/|[A-Za-z]:\\Users\\)[^/\\\s\"']+")
_URL = re.compile(r"\b([a-z]{2,6}://)(?:[^/\s\"'@]*@)?([^/\s\"'?#]+)[^\s\"']*", re.IGNORECASE)
_BUNDLE = re.compile(r"\b\d{8}T\d{6}Z_[\w-]+")
_LOG_LINE = re.compile(r"(\d{4}-\d\d-\d\d [\d:,]+ [A-Z]+) +(\S+) ([\w.]+): (.*)")
_LONG_NUMBER = re.compile(r"\d{5,}")
_CUT = re.compile(r"(showing|export|sound goes to|the sound device|the pictures of|recording)\b.*")
"""Messages that go on with the name of a file, a device or a person."""

_STACK_LINE = re.compile(r'\s*(?:File "|Traceback |Thread 0x|Current thread |During handling|The above exception)')
_CODE_FILE = re.compile(r"(File \")[^\"]*?((?:site-packages[/\\]|rtms_desktop[/\\][^\"]*?)?[^\"/\\]+\")")
_ERROR_LINE = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Warning|Exit|Interrupt|Group))\b.*")
_FATAL = re.compile(r"(Fatal Python error|Windows fatal exception): [\w ]*")
_PATH = re.compile(r"(?<![\w.])(?:~|[A-Za-z]:)?[/\\][^\s/\\].*")
ENDED_BADLY = "This run did not end properly."


class Scrubber:
    """Args:
    secrets: values that must not appear, however they are written; those under four characters are not looked for.
    """

    def __init__(self, secrets: Iterable[str], home: Path | None = None) -> None:
        self._secrets = frozenset(secrets)
        self._home = str(home or Path.home())

    def text(self, text: str) -> str:
        """Any text: secrets by key and by value, home folders, names of recordings, all but the host of URLs."""
        text = redact_text(text, self._secrets)
        if len(self._home) > 1:
            text = text.replace(self._home, "~")
        text = _HOMES.sub("~", text)
        text = _URL.sub(r"\1\2", text)
        return _BUNDLE.sub(MASK, text)

    def log(self, text: str) -> str:
        """A log: of tracebacks the places and the kind of error; a message ends where a path begins."""
        lines = (self._log_line(line) for line in text.splitlines())
        return self.text("\n".join(line for line in lines if line) + "\n")

    def _log_line(self, line: str) -> str:
        if found := _LOG_LINE.fullmatch(line):
            said = _CUT.sub(r"\1 …", _URL.sub(lambda url: url[2], found[4]))
            return f"{found[1]} {_LONG_NUMBER.sub('N', found[2])} {found[3]}: {_PATH.sub('<path>', said)}"
        if _STACK_LINE.match(line):
            return _CODE_FILE.sub(r"\1\2", line)
        if found := _FATAL.match(line) or _ERROR_LINE.fullmatch(line):
            return found[0] if found.re is _FATAL else found[1]
        return line if line == ENDED_BADLY else ""
