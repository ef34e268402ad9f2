"""Acts on the handshakes to come: refusals, slow answers and none. Loop only."""

from __future__ import annotations

from rtms_desktop.mock_server.acts.finding import Act
from rtms_desktop.mock_server.arguments import Arguments
from rtms_desktop.mock_server.handshakes import ArmedRefusal, Handshakes
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.wire.status_tables import N1


class HandshakeActs:
    def __init__(self, handshakes: Handshakes, truth: TruthLog) -> None:
        self._handshakes, self._truth = handshakes, truth
        self.table: dict[str, Act] = {
            "wrong_status": self._wrong_status,
            "duplicate_signal": self._duplicate_signal,
            "slow_answer": self._slow_answer,
            "no_answer": self._no_answer,
        }

    def _wrong_status(self, arguments: Arguments) -> None:
        status, link = arguments.whole("status", 3, 1, 99), arguments.link("signaling")
        name = N1[status].replace("_", " ").capitalize() if status < len(N1) else f"Status {status}"
        reason, times = arguments.text("reason", name), arguments.whole("times", 1, 1)
        self._handshakes.refusals[link] = ArmedRefusal(status, reason, times)
        self._truth.emit("wrong_status", link, status=status, times=times)

    def _duplicate_signal(self, arguments: Arguments) -> None:
        times = arguments.whole("times", 1, 1)
        self._handshakes.refusals["signaling"] = ArmedRefusal(8, "Duplicate signal request", times)
        self._truth.emit("duplicate_signal", "signaling", times=times)

    def _slow_answer(self, arguments: Arguments) -> None:
        link, ms = arguments.link("video"), arguments.number("ms", 3000)
        self._handshakes.answer_delay_s[link] = ms / 1000
        self._truth.emit("slow_answer", link, ms=ms)

    def _no_answer(self, arguments: Arguments) -> None:
        link = arguments.link("video")
        self._handshakes.answer_delay_s[link] = float("inf")
        self._truth.emit("no_answer", link)
