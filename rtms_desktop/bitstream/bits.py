"""Reads bits and Exp-Golomb numbers of an H.264 payload (ITU-T H.264, 7.2 and 9.1)."""

from __future__ import annotations

from rtms_desktop.errors import RtmsError


class BitstreamError(RtmsError):
    """A parameter set or header that ends too early or holds impossible values."""


def unescape(nal: bytes) -> bytes:
    """``nal`` without its emulation prevention bytes (00 00 03 -> 00 00)."""
    if nal.find(b"\0\0\3") < 0:
        return nal
    clean = bytearray()
    start = 0
    while (at := nal.find(b"\0\0\3", start)) >= 0:
        clean += nal[start : at + 2]
        start = at + 3
    return bytes(clean + nal[start:])


class Bits:
    """A cursor over bits, the most significant first; reading past the end raises BitstreamError."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def u(self, count: int) -> int:
        """An unsigned number of ``count`` bits."""
        self._left -= count
        if self._left < 0:
            raise BitstreamError("the H.264 header ends too early")
        return self._value >> self._left & (1 << count) - 1

    def flag(self) -> bool:
        return self.u(1) == 1

    def ue(self) -> int:
        """An unsigned Exp-Golomb number."""
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 32:
                raise BitstreamError("the H.264 header holds a number beyond 32 bits")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb number."""
        value = self.ue()
        return (value + 1) // 2 if value % 2 else -(value // 2)
