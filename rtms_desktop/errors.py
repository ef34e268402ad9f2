"""Every error that the program raises on purpose, and the exit code that each becomes on the command line.

RtmsError
 +- UsageError            2  bad arguments or settings
 |   +- PayloadError      2  text that holds no stream announcement
 |   +- BundleError       2  a folder or tape that is no recording
 |   +- HostNotAllowedError 2  a host that is neither *.zoom.us nor loopback
 +- ConnectError          3  nobody answered, or a port is taken
 |   +- PortInUseError    3
 +- RejectedError         4  the server said no
 +- CutOffError           5  the stream ended against our will
 +- DiskError             6  the disk is full or read-only
 +- NoDisplayError        7  no screen to draw on
 +- LocalProtocolError       our own misuse of the core (a bug here)
"""

from __future__ import annotations


class RtmsError(Exception):
    """A failure told in three parts.

    Attributes:
        what: what happened, one clause without a full stop.
        why: the likely cause, or "".
        fix: what to do next, or "".
        exit_code: process exit code of the command line.
    """

    exit_code = 1

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.fix = what, why, fix

    def __str__(self) -> str:
        """For logs and tracebacks: all there is to say; ``what`` alone stays a clause."""
        return self.sentence() if self.why or self.fix else self.what

    def sentence(self) -> str:
        """One line for stderr: what, why and what next."""
        head = f"{self.what}: {self.why}" if self.why else self.what
        return f"{head.rstrip('.')}. {self.fix}".strip() if self.fix else f"{head.rstrip('.')}."


class UsageError(RtmsError):
    exit_code = 2


class PayloadError(UsageError):
    pass


class BundleError(UsageError):
    pass


class HostNotAllowedError(UsageError):
    pass


class ConnectError(RtmsError):
    exit_code = 3


class PortInUseError(ConnectError):
    pass


class RejectedError(RtmsError):
    exit_code = 4


class CutOffError(RtmsError):
    exit_code = 5


class DiskError(RtmsError):
    exit_code = 6


class NoDisplayError(RtmsError):
    exit_code = 7


class LocalProtocolError(RtmsError):
    pass
