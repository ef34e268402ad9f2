"""A driver for SessionCore without sockets or clock: feed, advance, and see what it wants and tells.

Every command is checked as it is taken: nothing is sent on or closed that was not opened, nothing is opened twice.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from typing import Any, TypeVar

from rtms_desktop.protocol.states import LinkState
from rtms_desktop.session.commands import CloseLink, Command, OpenLink, SendText
from rtms_desktop.session.config import SessionConfig
from rtms_desktop.session.core import SessionCore
from rtms_desktop.session.events import Event, LinkStateChanged, SessionEnded
from rtms_desktop.wire.codec import write
from rtms_desktop.wire.enums import Dialect, Medium
from rtms_desktop.wire.messages import (
    AudioParams,
    ChatParams,
    DataHandshakeResponse,
    MediaData,
    MediaParams,
    Message,
    ShareParams,
    SignalingHandshakeResponse,
    TranscriptParams,
    VideoParams,
)

T0_MS = 1_750_000_000_000
"""Server time at the Playbook's time 0."""

E = TypeVar("E", bound=Event)

GRANTED = {
    "audio": MediaParams(audio=AudioParams()),
    "video": MediaParams(video=VideoParams()),
    "share": MediaParams(share=ShareParams()),
    "transcript": MediaParams(transcript=TranscriptParams()),
    "chat": MediaParams(chat=ChatParams()),
    "all": MediaParams(audio=AudioParams(), video=VideoParams()),
}


class FixedRandom(random.Random):
    """No spread: delays are exact."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def make_config(*media: str, **more: Any) -> SessionConfig:
    """A session for ``media`` (default: audio and video)."""
    names = media or ("audio", "video")
    fields: dict[str, Any] = {
        "meeting_id": "m1",
        "stream_id": "s1",
        "signature": "86b8",
        "signaling_url": "wss://h/signaling",
        "media": frozenset(Medium(name) for name in names),
    }
    return SessionConfig(**fields | more)


class Playbook:
    """Plays server, network and clock for one SessionCore.

    Attributes:
        core: under test.
        now: the time, in seconds.
        sockets: links that have a socket or are getting one.
        events: everything that was told, oldest first.
        commands: everything that was asked, oldest first.
    """

    def __init__(self, *media: str, rng: random.Random | None = None, **config: Any) -> None:
        self.config = make_config(*media, **config)
        self.core = SessionCore(self.config, rng or FixedRandom())
        self.now = 0.0
        self.sockets: set[str] = set()
        self.opened: set[str] = set()
        self.events: list[Event] = []
        self.commands: list[Command] = []
        self._seen_events = self._seen_commands = 0

    # -- the world ---------------------------------------------------------------------------------------------

    @property
    def server_ms(self) -> int:
        return T0_MS + round(self.now * 1000)

    def start(self) -> Playbook:
        self.core.start(self.now)
        return self._take()

    def open(self, *links: str) -> Playbook:
        for link in links:
            self.opened.add(link)
            self.core.link_opened(link, self.now)
            self._take()
        return self

    def feed(self, link: str, *messages: Message | str | bytes, dialect: Dialect = Dialect.PRODUCTION) -> Playbook:
        """The server sends on ``link``."""
        for message in messages:
            data = write(message, dialect) if isinstance(message, Message) else message
            self.core.receive(link, data, self.now)
            self._take()
        return self

    def drop(self, link: str, code: int | None = 1006, reason: str = "") -> Playbook:
        """The socket of ``link`` goes away; code None: it never opened."""
        self.sockets.discard(link)
        self.opened.discard(link)
        self.core.link_closed(link, code, reason, self.now)
        return self._take()

    def advance(self, seconds: float) -> Playbook:
        """Let time pass and wake the core whenever it asked for it."""
        end = self.now + seconds
        for _ in range(10_000):
            due = self.core.next_wakeup()
            if due is None or due > end:
                self.now = end
                return self
            self.now = max(self.now, due)
            self.core.wake(self.now)
            self._take()
        raise AssertionError(f"the core asks for a wake-up again and again at {self.core.next_wakeup()}")

    def request(self, name: str, **args: Any) -> Playbook:
        getattr(self.core, f"request_{name}")(**args, now=self.now)
        return self._take()

    # -- what a well-behaved server does -----------------------------------------------------------------------

    def accept(self, *links: str, urls: Iterable[str] | None = None) -> Playbook:
        """Open the socket and answer the handshake with success."""
        for link in links:
            self.open(link)
            if link == "signaling":
                names = [medium.value for medium in self.config.media] if urls is None else list(urls)
                offered = {name: f"wss://h/{name}" for name in names}
                self.feed(link, SignalingHandshakeResponse(ok=True, status_code=0, urls=offered))
            else:
                self.feed(link, DataHandshakeResponse(ok=True, status_code=0, params=GRANTED[link]))
        return self

    def ready(self) -> Playbook:
        """Start and bring every link up, as production does."""
        self.start().accept("signaling")
        return self.accept(*sorted(self.sockets - {"signaling"}))

    def streaming(self) -> Playbook:
        """``ready``, and the first packet on audio and video."""
        self.ready()
        for link in sorted(self.sockets & {"audio", "video"}):
            self.media(link)
        return self.forget()

    def media(
        self,
        link: str,
        medium: str = "",
        user_id: int = 7,
        ms: int | None = None,
        data: bytes = b"\1" * 640,
        **more: Any,
    ) -> Playbook:
        """One unit of media, stamped with the server's time unless ``ms`` says otherwise."""
        stamp = self.server_ms if ms is None else ms
        message = MediaData(medium=Medium(medium or link), user_id=user_id, data=data, timestamp=stamp, **more)
        return self.feed(link, message)

    def flow(self, link: str, seconds: float, step_s: float = 0.02, **more: Any) -> Playbook:
        """Media at a steady pace; ends at the last unit."""
        for _ in range(round(seconds / step_s)):
            self.advance(step_s).media(link, **more)
        return self

    # -- what the core did -------------------------------------------------------------------------------------

    def _take(self) -> Playbook:
        ended = any(isinstance(event, SessionEnded) for event in self.events)
        for command in self.core.take_commands():
            self._check(command)
            assert not ended or isinstance(command, CloseLink), f"{command} after the end"
            self.commands.append(command)
        events = self.core.take_events()
        assert not (ended and events), f"{events} after the end"
        self.events += events
        return self

    def _check(self, command: Command) -> None:
        match command:
            case OpenLink(link=link):
                assert link not in self.sockets, f"{link} is opened over an open socket"
                self.sockets.add(link)
            case SendText(link=link):
                assert link in self.opened, f"something is sent on {link}, which is not open"
            case CloseLink(link=link):
                assert link in self.sockets, f"{link} is closed without a socket"
                self.sockets.remove(link)
                self.opened.discard(link)

    def forget(self) -> Playbook:
        """What happened so far is not looked at by ``sent``, ``told`` and ``did``."""
        self._seen_events, self._seen_commands = len(self.events), len(self.commands)
        return self

    def did(self) -> list[Command]:
        """Commands since ``forget``."""
        return self.commands[self._seen_commands :]

    def sent(self, link: str = "signaling") -> list[dict[str, Any]]:
        """Messages sent on ``link`` since ``forget``."""
        return [json.loads(item.text) for item in self.did() if isinstance(item, SendText) and item.link == link]

    def sent_types(self, link: str = "signaling") -> list[Any]:
        return [message["msg_type"] for message in self.sent(link)]

    def closed(self) -> list[str]:
        """Links that were closed since ``forget``."""
        return [item.link for item in self.did() if isinstance(item, CloseLink)]

    def opens(self) -> list[str]:
        """Links that were opened since ``forget``."""
        return [item.link for item in self.did() if isinstance(item, OpenLink)]

    def told(self, kind: type[E]) -> list[E]:
        """Events of one kind since ``forget``."""
        return [event for event in self.events[self._seen_events :] if isinstance(event, kind)]

    def states(self, link: str) -> list[LinkState]:
        """The states that ``link`` entered since ``forget``."""
        return [event.new for event in self.told(LinkStateChanged) if event.link == link]

    def state(self, link: str) -> LinkState:
        return self.core.links[link].state

    @property
    def ended(self) -> SessionEnded | None:
        return next((event for event in self.events if isinstance(event, SessionEnded)), None)
