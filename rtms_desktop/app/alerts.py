"""Which alerts stand: begin, change and end of each, from figures and the time. Sans I/O; fed by `app.alert_desk`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from rtms_desktop.app.alert_rules import RULES, AlertKind, Facts, Finding, Limits
from rtms_desktop.session.events import Severity


class AlertState(StrEnum):
    BEGAN = "began"
    CHANGED = "changed"  # other words or another severity, such as a countdown
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One trouble from its begin to its end. Times are monotonic seconds; ``action`` as in Notice.

    Attributes:
        subject: what it is about where there can be several of a kind: a link, a user_id; else "".
    """

    kind: AlertKind
    state: AlertState
    subject: str
    severity: Severity
    what: str
    why: str
    fix: str
    action: str
    began_at: float
    ended_at: float | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}.{self.subject}"

    @property
    def sentence(self) -> str:
        """What, why and what next in one line."""
        head = f"{self.what}: {self.why}" if self.why else self.what
        return f"{head.rstrip('.')}. {self.fix}".strip()


@dataclass(slots=True)
class _Case:
    """A finding on its way to an alert, an alert, or an alert on its way to its end."""

    since: float
    alert: Alert | None = None
    gone_since: float | None = None


class AlertBook:
    """Every rule with its memory. ``look`` may be called as often as one likes."""

    def __init__(self) -> None:
        self._cases: dict[tuple[AlertKind, str], _Case] = {}

    @property
    def active(self) -> list[Alert]:
        """The alerts that stand, oldest first."""
        standing = [case.alert for case in self._cases.values() if case.alert is not None]
        return sorted(standing, key=lambda alert: alert.began_at)

    def look(self, facts: Facts, limits: Limits, now: float) -> list[Alert]:
        """What began, changed or ended; ends come first."""
        found: dict[tuple[AlertKind, str], Finding] = {}
        for kind, rule in RULES.items():
            for finding in rule.find(facts, limits, now, False):
                found[kind, finding.subject] = finding
            for finding in rule.find(facts, limits, now, True):
                if self._stands(kind, finding.subject):
                    found[kind, finding.subject] = finding
        ends = [alert for key in list(self._cases) if key not in found and (alert := self._miss(key, now))]
        return ends + [alert for key, finding in found.items() if (alert := self._see(key, finding, limits, now))]

    def clear(self, now: float) -> list[Alert]:
        """What the alerts are about is over: so are they."""
        ended = [self._end(alert, now) for alert in self.active]
        self._cases.clear()
        return ended

    def _stands(self, kind: AlertKind, subject: str) -> bool:
        case = self._cases.get((kind, subject))
        return case is not None and case.alert is not None

    def _see(self, key: tuple[AlertKind, str], finding: Finding, limits: Limits, now: float) -> Alert | None:
        case = self._cases.setdefault(key, _Case(now))
        case.gone_since = None
        if case.alert is None:
            if now - case.since < RULES[key[0]].begin_s(limits):
                return None
            case.alert = _alert(key[0], finding, AlertState.BEGAN, now)
            return case.alert
        changed = _alert(key[0], finding, AlertState.CHANGED, case.alert.began_at)
        same = replace(case.alert, state=AlertState.CHANGED) == changed
        case.alert = changed
        return None if same else changed

    def _miss(self, key: tuple[AlertKind, str], now: float) -> Alert | None:
        case = self._cases[key]
        if case.gone_since is None:
            case.gone_since = now
        if case.alert is not None and now - case.gone_since < RULES[key[0]].end_s:
            return None
        del self._cases[key]
        return None if case.alert is None else self._end(case.alert, now)

    def _end(self, alert: Alert, now: float) -> Alert:
        return replace(alert, state=AlertState.ENDED, ended_at=now)


def _alert(kind: AlertKind, finding: Finding, state: AlertState, began_at: float) -> Alert:
    return Alert(
        kind=kind, state=state, subject=finding.subject, severity=finding.severity, what=finding.what,
        why=finding.why, fix=finding.fix, action=finding.action, began_at=began_at,
    )  # fmt: skip
