"""The diagnostics archive: what somebody needs who helps, and nothing that was said, shown, signed or named.

``gather`` reads the program's objects on the main thread; ``write`` may take its time on another.
"""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import platform
import sys
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import msgspec

from rtms_desktop import __version__
from rtms_desktop.app.alerts import Alert
from rtms_desktop.app.journal import Journal
from rtms_desktop.app.metrics import Meter
from rtms_desktop.app.openmetrics import openmetrics
from rtms_desktop.app.scrub import ENDED_BADLY, Scrubber
from rtms_desktop.app.settings import Settings, Values, write_atomically

LOG_LINES, MOCK_LINES, GAPS = 500, 300, 500
PACKAGES = (
    "PySide6-Essentials", "qasync", "websockets", "aiohttp", "av", "numpy", "sounddevice", "pyqtgraph", "msgspec",
    "pybase64", "mcap", "platformdirs", "keyring",
)  # fmt: skip
DESKTOP = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "LANG")
README = """\
Diagnostics of RTMS Desktop. Made on request of a person; nothing was sent anywhere.

about.json      the program, its packages and the system
machine.json    what this computer can do (as `rtms-desktop doctor`)
settings.json   numbers and switches of the settings; of texts and lists only whether there are any
session.json    the stream that runs or ran last: sockets, counters, what was asked for, granted and received
steps.json      the steps of the last connection
events.jsonl    what happened in this run: states and codes
alerts.json     alerts of this run
metrics.txt     the metrics of this run (OpenMetrics)
log.txt         the end of the log of this run
crash.txt       where a run before stopped, if one did
mock.jsonl      what the mock server did, if it ran

Not in here: sound, pictures, words, chat, names, ids of meetings or streams, secrets, signatures, your folders.
People are numbered.
"""
_WORDS = ("theme",)  # settings whose text says nothing about a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Texts by file name, not scrubbed yet; ``private``: what must not be in them."""

    parts: dict[str, str]
    private: frozenset[str]


def gather(
    journal: Journal,
    meter: Meter,
    alerts: Sequence[Alert],
    steps: Sequence[Mapping[str, Any]],
    mock_log: Iterable[Mapping[str, Any]],
    media: Any,
    secrets: Iterable[str],
) -> Gathered:
    """What only the main thread may read. ``steps``: rows as of `step_rows`; ``media``: MediaStats, or None."""
    parts = {
        "events.jsonl": "".join(f"{_json(row)}\n" for row in journal.rows),
        "alerts.json": _pretty([_alert(alert) for alert in alerts]),
        "metrics.txt": openmetrics(meter),
        "steps.json": _pretty(list(steps)),
        "mock.jsonl": "".join(f"{_json(_plain_entry(entry))}\n" for entry in list(mock_log)[-MOCK_LINES:]),
    }
    private = set(journal.private) | set(secrets)
    session = journal.session
    if session is not None:
        parts["session.json"] = _pretty(session_summary(session, media))
        private |= {person.user_name for person in session.core.participants.values()}
        private |= {session.core.session_id}
    return Gathered(parts=parts, private=frozenset(word for word in private if word))


def write(path: Path, gathered: Gathered, settings: Settings, logs: Path) -> None:
    """Add what takes its time (this computer, the logs), scrub all of it and write the archive.

    Raises:
        DiskError: no room or no right to write.
    """
    from rtms_desktop.app.machine import check_machine

    checks = [_check(check) for check in check_machine(settings)]
    parts = gathered.parts | {
        "about.json": _pretty(about()),
        "machine.json": _pretty(checks),
        "settings.json": _pretty(plain_settings(settings.values)),
    }
    scrubber = Scrubber(gathered.private | _own_words(settings))
    made = {name: scrubber.text(text) for name, text in parts.items() if text}
    made |= {name: scrubber.log(text) for name, text in read_logs(logs).items()}
    write_atomically(path, pack({"README.txt": README} | made))


def pack(parts: Mapping[str, str]) -> bytes:
    """The texts as a zip archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return data.getvalue()


def about() -> dict[str, Any]:
    """The program, its packages, the system."""
    found: dict[str, str] = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return {
        "program": __version__, "python": platform.python_version(), "system": platform.platform(),
        "machine": platform.machine(), "cpus": os.cpu_count(), "frozen": bool(getattr(sys, "frozen", False)),
        "packages": found, "desktop": {name: os.environ[name] for name in DESKTOP if name in os.environ},
    }  # fmt: skip


def plain_settings(values: Values) -> dict[str, Any]:
    """Numbers and switches as they are; of texts and lists only whether there is something."""
    return {
        field.name: _plain_setting(field.name, getattr(values, field.name)) for field in msgspec.structs.fields(Values)
    }


def session_summary(session: Any, media: Any) -> dict[str, Any]:
    """Everything about a stream that is a number, a state or a code; people are numbered."""
    core = session.core
    people = {user_id: f"person {number}" for number, user_id in enumerate(core.participants, 1)}
    stats = session.recorder.stats if session.recorder is not None else None
    return {
        "product": session.config.product,
        "phase": core.phase,
        "requested": {"media": sorted(session.config.media), "params": msgspec.to_builtins(session.config.params)},
        "granted": msgspec.to_builtins(core.granted),
        "links": {name: _link(link, session.opened_at) for name, link in core.links.items()},
        "tracks": [_track(key, track, people) for key, track in core.tracks.items()],
        "people": len(people),
        "counts": {medium.value: count for medium, count in core.counts.items()},
        "gaps": [_gap(gap, people) for gap in (*core.closed_gaps, *core.open_gaps)][-GAPS:],
        "reconnects": core.reconnects,
        "notes": dict(core.anomalies),
        "unknown_messages": sum(core.unknown.values()),
        "stop_reason": core.stop_reason,
        "recording": None if stats is None else _numbers(stats),
        "media": None if media is None else _numbers(media),
    }


def step_rows(steps: Sequence[Any]) -> list[dict[str, Any]]:
    """The steps of a connection without the details that name somebody; ``s``: since the first of them."""
    first = steps[0].at if steps else 0.0
    return [
        {
            "number": step.number, "name": step.name, "state": step.state,
            "s": round(step.at - first, 3) if step.at else None, "error": step.error.what if step.error else "",
        }
        for step in steps
    ]  # fmt: skip


def read_logs(folder: Path) -> dict[str, str]:
    """The end of this run's log (else of the newest) and the stacks of the newest run that crashed."""
    found: dict[str, str] = {}
    logs = sorted(folder.glob("*.log"), reverse=True) if folder.is_dir() else []
    own = [path for path in logs if path.stem.endswith(f"-{os.getpid()}")]
    for path in (own or logs)[:1]:
        found["log.txt"] = "\n".join(_read(path).splitlines()[-LOG_LINES:])
    for path in logs:
        _, mark, stacks = _read(path).partition(ENDED_BADLY)
        if mark:
            found["crash.txt"] = mark + stacks
            break
    return found


# -- inside ----------------------------------------------------------------------------------------------------------


def _own_words(settings: Settings) -> frozenset[str]:
    """What a person wrote into the settings."""
    values = settings.values
    folders = (values.recordings, values.ca_file, values.metrics_file, str(settings.recordings), str(settings.folder))
    streams = (word for recent in values.recent for word in (recent.title, recent.meeting_id))
    return frozenset(word for word in (*folders, *values.client_ids, *values.allowed_hosts, *streams) if word)


def _plain_setting(name: str, value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return {key: _plain_setting(key, part) for key, part in msgspec.structs.asdict(value).items()}
    if isinstance(value, bool | int | float) or name in _WORDS:
        return value
    return f"{len(value)} entries" if isinstance(value, list | tuple | dict) else "set" if value else "not set"


def _alert(alert: Alert) -> dict[str, Any]:
    ended = alert.ended_at
    lasted = None if ended is None else round(ended - alert.began_at, 1)
    return {"kind": alert.kind, "state": alert.state, "severity": alert.severity, "lasted_s": lasted}


def _link(link: Any, opened_at: float) -> dict[str, Any]:
    """State and figures; times in seconds since the session was opened."""
    figures = _numbers(link.stats)
    times = {name: round(at - opened_at, 3) for name, at in figures.items() if name.endswith("_at") and at is not None}
    return {"state": link.state, "attempt": link.attempt} | figures | times


def _track(key: tuple[Any, int], track: Any, people: Mapping[int, str]) -> dict[str, Any]:
    medium, user_id = key
    names = ("count", "bytes", "jitter_ms", "step_ms", "gaps", "lost", "late")
    return {"medium": medium, "who": people.get(user_id, "mix or unknown")} | {
        name: _rounded(getattr(track, name, None)) for name in names
    }


def _gap(gap: Any, people: Mapping[int, str]) -> dict[str, Any]:
    ms = None if gap.end_ms is None else gap.end_ms - gap.start_ms
    return {"medium": gap.medium, "who": people.get(gap.user_id, "all"), "ms": ms, "reason": gap.reason}


def _numbers(figures: Any) -> dict[str, Any]:
    """The numbers of a data class; what is text or belongs to a person is left out."""
    found = {field.name: getattr(figures, field.name) for field in fields(figures)} if is_dataclass(figures) else {}
    plain = {name: _rounded(value) for name, value in found.items() if isinstance(value, bool | int | float | None)}
    nested = {name: _numbers(value) for name, value in found.items() if is_dataclass(value)}
    return plain | nested


def _plain_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the mock server: what it did where and when, and its numbers."""
    kept = {key: value for key, value in entry.items() if isinstance(value, bool | int | float) and key != "user_id"}
    return {key: entry[key] for key in ("event", "link") if isinstance(entry.get(key), str)} | kept


def _check(check: Any) -> dict[str, Any]:
    row = asdict(check)
    if check.name == "Sound" and check.ok:
        row["detail"] = "a device plays"  # its name is often a person's
    return row


def _rounded(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _json(value: Any) -> str:
    return json.dumps(value, default=str)


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=1, default=str) + "\n"
