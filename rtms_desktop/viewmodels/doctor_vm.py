"""The Doctor: steps of the present connection as rows, why it stopped, what to do; or this computer. Main thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from rtms_desktop.app.causes import Cause
from rtms_desktop.app.checklist import MEDIA_SOCKETS, READY, TLS, Step, StepState
from rtms_desktop.app.events import SessionClosed
from rtms_desktop.app.examination import Verdict
from rtms_desktop.viewmodels.batch import listen
from rtms_desktop.viewmodels.figures import one_line
from rtms_desktop.viewmodels.start_vm import shortened

STEPS, MACHINE, MEDIA = "steps", "machine", "media"
DRAIN_MS = 50


@dataclass(frozen=True, slots=True)
class DoctorRow:
    """One line of the list. ``state``: passed, failed, skipped, waiting, doing or note; ``took`` with its unit."""

    number: int
    name: str
    state: str
    detail: str = ""
    took: str = ""

    def words(self) -> str:
        """The line for a screen reader and for the report."""
        parts = [f"{self.number} {self.name}", self.state, self.detail, self.took]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Finding:
    """The right side. ``kind``: failed, limited (it works, but not all of it), calm or doing (still on the way)."""

    kind: str
    title: str
    code: str = ""
    sentence: str = ""
    fixes: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    credentials: bool = False
    may_retry: bool = False


class DoctorViewModel(QObject):
    """``changed``: anything; ``count_changed``: text and kind of the tab's pill; ``stopped``: a step turned red."""

    changed = Signal()
    count_changed = Signal(object)
    stopped = Signal()

    def __init__(self, controller: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._file = controller.examination
        self.page = STEPS
        self._told: Verdict | None = self._file.verdict
        self._machine: Any = self._file.machine
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self.refresh)
        # Steps come in bursts; what is shown follows at most twenty times a second.
        unsubscribe = self._file.subscribe(self._later)
        self.destroyed.connect(lambda *_: unsubscribe())
        listen(self, controller.hub, {SessionClosed: lambda event: self._later()})  # what is not on its way is over

    def _later(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def refresh(self) -> None:
        """Take over what is known now."""
        self._timer.stop()
        verdict, self._told = self._told, self._file.verdict
        if self._machine is not self._file.machine:
            self._machine = self._file.machine
            self.page = MACHINE
        stopped = self._told is not None and self._told is not verdict
        if stopped:
            self.page = STEPS
        self.count_changed.emit(self.count())
        self.changed.emit()
        if stopped:
            self.stopped.emit()

    # -- what a view reads ---------------------------------------------------------------------------------------

    @property
    def empty(self) -> bool:
        return self._file.listing is None and self._file.machine is None

    @property
    def checking(self) -> bool:
        """Whether this computer is being looked at."""
        return self._file.machine == ()

    def count(self) -> tuple[str, str]:
        """``7 of 13`` in red where a step failed, in grey on the way; nothing when all is well."""
        listing, failed = self._file.listing, self._file.failed
        if failed is not None:
            return f"{failed.number} of {len(listing.steps)}", "red"
        doing = listing.first_waiting if listing is not None and self._told is None else None
        if doing is None or doing.number > READY or self._controller.session is None or self._file.recorded:
            return "", "grey"
        return f"{doing.number} of {len(listing.steps)}", "grey"

    def show_page(self, page: str) -> None:
        self.page = page
        self.changed.emit()

    def heading(self) -> tuple[str, str]:
        """Title and remark over the list."""
        if self.page == MACHINE:
            checks = self._file.machine or ()
            fine = sum(check.ok for check in checks)
            return "This computer", "is being looked at" if self.checking else f"{fine} of {len(checks)} in order"
        listing, failed = self._file.listing, self._file.failed
        if listing is None:
            return "Nothing was connected yet", ""
        passed = [step for step in listing.steps if step.state is StepState.PASSED]
        took = _span_ms(max((step.at for step in passed if step.number <= READY), default=0.0) - self._file.began)
        summary = f"{len(passed)} passed{f' in {took}' if took else ''}"
        if self._file.recorded and failed is None:
            return "As it was recorded", summary
        if failed is not None:
            return f"Stopped at step {failed.number} of {len(listing.steps)}", summary
        waiting = listing.first_waiting
        if waiting is None:
            return "All steps passed", summary
        if self._controller.session is None:
            return f"Ended at step {waiting.number} of {len(listing.steps)}", summary
        return f"Step {waiting.number} of {len(listing.steps)}", summary

    def rows(self) -> list[DoctorRow]:
        if self.page == MACHINE:
            return [
                DoctorRow(number, check.name, _check_state(check), check.detail)
                for number, check in enumerate(self._file.machine or (), 1)
            ]
        listing = self._file.listing
        if listing is None:
            return []
        live = self._controller.session is not None and self._told is None and not self._file.recorded
        doing = listing.first_waiting if live else None
        return [self._row(step, listing, doing) for step in listing.steps]

    def _row(self, step: Step, listing: Any, doing: Step | None) -> DoctorRow:
        state = "doing" if step is doing else step.state.value
        detail = step.detail
        if step.state is StepState.WAITING:
            planned = {MEDIA_SOCKETS: _listed(listing.media), READY: "7 CLIENT_READY_ACK"}
            detail = planned.get(step.number, "")
        skipped = step.state is StepState.SKIPPED
        earlier = [one.at for one in listing.steps[: step.number - 1] if one.state is not StepState.SKIPPED]
        took = _span_ms(step.at - max(earlier, default=0.0)) if step.at and step.number >= TLS and not skipped else ""
        return DoctorRow(step.number, step.name, state, one_line(detail), took)

    def finding(self) -> Finding:
        """The right side of the page that is shown."""
        if self.page == MACHINE:
            return self._machine_finding()
        verdict = self._told
        if verdict is not None:
            return Finding(
                "failed", verdict.title, verdict.code, one_line(verdict.sentence, 900), verdict.fixes, verdict.causes,
                verdict.credentials, verdict.may_retry,
            )  # fmt: skip
        listing = self._file.listing
        if self._file.recorded:
            return _recorded_finding(listing)
        waiting = listing.first_waiting if listing is not None else None
        if waiting is None:
            return Finding("calm", "Nothing is wrong", "", "Every step up to the first packet of each medium passed.")
        if self._controller.session is None:
            return Finding("calm", "The session is over", "", "It ended without a fault.")
        if waiting.number > READY:
            quiet = _listed(listing.quiet_media)
            sentence = f"Nothing has come on {quiet} yet: that is normal while nobody shares, speaks or writes."
            return Finding("calm", "Connected", "", sentence if quiet else "A keep-alive comes within ten seconds.")
        return Finding("doing", "Connecting", "", f"Step {waiting.number}: {waiting.name.lower()}.")

    def _machine_finding(self) -> Finding:
        checks = self._file.machine or ()
        if self.checking:
            return Finding("doing", "Looking at this computer", "", "Sound, codecs, keyring, disk and ports.")
        bad = [check for check in checks if not check.ok]
        if not bad:
            return Finding("calm", "This computer is ready", "", "Nothing that it needs is missing.")
        kind = "failed" if any(check.exit_code for check in bad) else "limited"
        title = "Something is missing" if kind == "failed" else "It works, with limits"
        fixes = tuple(f"{check.name}: {check.detail.rstrip('.')}. {check.fix}" for check in bad)
        return Finding(kind, title, "", "What does not work here, and what would help:", fixes)

    @property
    def signed_text(self) -> str:
        facts = self._file.facts
        return one_line(facts.signed_text, 1000) if facts is not None and self.page == STEPS else ""

    def other_profiles(self) -> list[tuple[str, str]]:
        """(client id, short form) of those who could sign instead."""
        facts = self._file.facts
        used = facts.client_id if facts is not None else ""
        return [(one, shortened(one)) for one in self._controller.credentials.client_ids if one != used]

    @property
    def can_retry(self) -> bool:
        return self._controller.last_request is not None

    def report(self) -> str:
        """What is shown, as text that can be sent to somebody: no secret, no signature."""
        heading, found = self.heading(), self.finding()
        lines = [f"RTMS Desktop, Doctor: {heading[0]} ({heading[1]})", ""]
        lines += [row.words() for row in self.rows()]
        lines += ["", *[part for part in (found.title, found.code, found.sentence) if part], *found.fixes]
        lines += [f"- {cause.title} ({cause.doubt.value}) {cause.note}".rstrip() for cause in found.causes]
        if self.signed_text:
            lines += ["", f"Signed text: {self.signed_text}"]
        return "\n".join(lines) + "\n"

    # -- what a person does --------------------------------------------------------------------------------------

    def check_machine(self) -> None:
        self._controller.check_machine()

    def retry(self, client_id: str = "") -> None:
        self._controller.connect_again(client_id)


def _recorded_finding(listing: Any) -> Finding:
    failed = listing.failed
    if failed is not None:
        return Finding("failed", "The recorded stream stopped here", "", one_line(failed.detail, 900))
    sentence = "These are the steps of the recorded stream. What was done before its first message is not part of it."
    return Finding("calm", "A recording is shown", "", sentence)


def _check_state(check: Any) -> str:
    return "passed" if check.ok else "failed" if check.exit_code else "note"


def _listed(media: Any) -> str:
    order = ("audio", "video", "share", "transcript", "chat")
    return ", ".join(sorted((medium.value for medium in media), key=order.index))


def _span_ms(seconds: float) -> str:
    if seconds < 0.0005:
        return ""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
