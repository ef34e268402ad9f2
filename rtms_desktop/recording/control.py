"""The records of ``/control``: with the received messages they are every input of SessionCore.

So a core can be driven again exactly. Written by the driver, read back by ``drive``. Pure functions, any thread.

``{"do": "seed", "config": {...}, "rng": int, "now": s}``, ``{"do": "link_opened", "link", "attempt", "url", "now"}``,
``{"do": "link_closed", "link", "attempt", "code", "reason", "now"}``, ``{"do": "request", "call", "args", "now"}``,
``{"do": "wake", "now"}``; ``now`` is the monotonic time in seconds that the core was given. Two more come from the
recorder itself: ``recording`` (what a manifest needs) and ``dropped`` (what the tape lacks). ``mark`` is a moment that
a person marked (``recording.marks``); the core is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from rtms_desktop.errors import BundleError, LocalProtocolError
from rtms_desktop.recording.tape_reader import TapeRecord
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.events import Event

BLANK = "***"
_LATEST_S = 1e10  # no monotonic clock has run for three centuries; a damaged record may say so
REQUESTS = frozenset(
    {
        "start",
        "request_stop",
        "request_disconnect",
        "request_video",
        "request_subscribe",
        "request_state",
        "request_restart",
        "request_interrupted",
        "request_ended",
    }
)
"""What a tape may call on the core: a tape is a file from anywhere."""


class Core(Protocol):
    """The part of SessionCore that a tape drives."""

    def link_opened(self, link: str, now: float) -> None: ...

    def receive(self, link: str, data: str | bytes, now: float) -> None: ...

    def link_closed(self, link: str, code: int | None, reason: str, now: float) -> None: ...

    def wake(self, now: float) -> None: ...

    def take_commands(self) -> list[Any]: ...

    def take_events(self) -> list[Event]: ...


def clean_url(url: str) -> str:
    """``url`` without user, password, query and fragment, where tokens travel."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=host, query=BLANK if parts.query else "", fragment="").geturl()
    except ValueError:
        return BLANK


def clean_config(config: SessionConfig) -> SessionConfig:
    """``config`` without its signature, fit for the disk."""
    return replace(config, signature=BLANK, signaling_url=clean_url(config.signaling_url))


def seed_record(config: SessionConfig, rng: int, now: float) -> dict[str, Any]:
    """What SessionCore was made of; ``rng`` is the seed of its ``random.Random``."""
    return {"do": "seed", "config": msgspec.to_builtins(clean_config(config)), "rng": rng, "now": now}


def link_opened(link: str, attempt: int, url: str, now: float) -> dict[str, Any]:
    return {"do": "link_opened", "link": link, "attempt": attempt, "url": clean_url(url), "now": now}


def link_closed(link: str, attempt: int, code: int | None, reason: str, now: float) -> dict[str, Any]:
    return {"do": "link_closed", "link": link, "attempt": attempt, "code": code, "reason": reason, "now": now}


def request(call: str, args: Mapping[str, Any], now: float) -> dict[str, Any]:
    """``call`` is the method of the core ("start", "request_stop", ...), ``args`` its arguments without ``now``."""
    return {"do": "request", "call": call, "args": dict(args), "now": now}


def wake(now: float) -> dict[str, Any]:
    return {"do": "wake", "now": now}


def config_from_seed(record: Mapping[str, Any]) -> tuple[SessionConfig, int]:
    """The config (signature blank) and the seed of the random source. Raises BundleError for a seed that is none."""
    try:
        config = msgspec.convert(record.get("config"), SessionConfig, strict=False)
        return config, msgspec.convert(record.get("rng"), int)
    except msgspec.ValidationError as error:
        raise BundleError("the tape's seed cannot be read", str(error)) from error


class Drive:
    """Feeds records to a core as they were fed live.

    Attributes:
        core: what is driven.
        origin: nanoseconds of the tape's time at monotonic zero; None before the first control record.
    """

    def __init__(self, core: Core, origin: int | None = None) -> None:
        self.core, self.origin = core, origin

    def feed(self, record: TapeRecord) -> list[Event]:
        """The events that one record brings; a record that cannot be understood brings none."""
        core = self.core
        try:
            if record.is_control:
                control = record.json()
                now = control.get("now")
                if isinstance(now, int | float) and abs(now) < _LATEST_S:
                    self.origin = record.time_ns - round(now * 1e9)
                    _apply(core, control, float(now))
            elif record.direction == "in" and self.origin is not None:
                # Exactly the number that the core was given: a monotonic time is a whole number of nanoseconds.
                core.receive(record.link, _payload(record), (record.time_ns - self.origin) / 1e9)
        except LocalProtocolError:
            pass  # a link that the core of a damaged tape never asked for
        core.take_commands()
        return core.take_events()


def drive(core: Core, records: Iterable[TapeRecord]) -> Iterator[tuple[TapeRecord, list[Event]]]:
    """Feed ``records`` to ``core`` as they were fed live; yields each record with the events that it brought.

    Records that cannot be understood are passed over: a damaged tape gives what it still holds.
    """
    driving = Drive(core)
    for record in records:
        yield record, driving.feed(record)


def _payload(record: TapeRecord) -> str | bytes:
    return record.data if record.opcode == "binary" else record.data.decode("utf-8", "replace")


def _apply(core: Core, control: Mapping[str, Any], now: float) -> None:
    link, code = control.get("link"), control.get("code")
    match control.get("do"):
        case "link_opened" if isinstance(link, str):
            core.link_opened(link, now)
        case "link_closed" if isinstance(link, str):
            core.link_closed(link, code if isinstance(code, int) else None, str(control.get("reason", "")), now)
        case "wake":
            core.wake(now)
        case "request":
            _request(core, str(control.get("call")), control.get("args"), now)


def _request(core: Core, call: str, args: object, now: float) -> None:
    if call not in REQUESTS or not isinstance(args, dict):
        return
    try:
        getattr(core, call)(**args, now=now)
    except (TypeError, ValueError):  # arguments of another version of this program
        return
