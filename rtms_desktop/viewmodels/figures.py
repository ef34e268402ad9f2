"""Numbers as text: times, sizes and rates with their units, as the docks show them."""

from __future__ import annotations

DASH = "–"


def short_clock(seconds: float) -> str:
    """``13:58``, from one hour on ``1:13:58``; before zero with a minus sign."""
    sign, whole = ("−", int(-seconds)) if seconds <= -1 else ("", int(max(0.0, seconds)))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{rest:02}" if hours else f"{sign}{minutes:02}:{rest:02}"


def long_clock(seconds: float) -> str:
    """``00:12:07``"""
    whole = int(abs(seconds))
    sign = "−" if seconds <= -1 else ""
    return f"{sign}{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def time_code(seconds: float) -> str:
    """``00:21:47.320``"""
    ms = max(0, round(seconds * 1000))
    return f"{long_clock(ms / 1000)}.{ms % 1000:03}"


def span(seconds: float) -> str:
    """A length in words: ``4.1 s``, ``42 s``, ``14 min``, ``2 h 05 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def byte_size(count: float) -> str:
    """``812 B``, ``48 kB``, ``1.4 MB``; powers of 1000."""
    if count < 1000:
        return f"{count:.0f} B"
    for unit in ("kB", "MB", "GB"):
        count /= 1000
        if count < 1000 or unit == "GB":
            return f"{count:.1f} {unit}" if count < 9.95 else f"{count:.0f} {unit}"
    raise AssertionError


def bit_rate(bits_per_s: float) -> str:
    """``512 kbit/s``, ``1,263 kbit/s``, from ten megabit on ``12.4 Mbit/s``."""
    kilo = bits_per_s / 1000
    return f"{kilo:,.0f} kbit/s" if kilo < 10_000 else f"{kilo / 1000:.1f} Mbit/s"


def scenario_words(scenario: str) -> str:
    """``scenario 3`` for a number, else the words as they are."""
    return f"scenario {scenario}" if scenario.isdigit() else scenario


def signed(text: str) -> str:
    """A number as text with a real minus sign; what is rounded to zero has none: ``-0.0`` is ``0.0``."""
    return text.lstrip("+-") if not any(c in "123456789" for c in text) else text.replace("-", "−")


def grouped(count: int) -> str:
    """``64,545``"""
    return f"{count:,}"


def sentence_case(text: str) -> str:
    """The first letter as a sentence has it; the rest stays."""
    return text[:1].upper() + text[1:]


def one_line(text: str, limit: int = 500) -> str:
    """Text from the wire on one line: control characters become blanks, the rest is cut with an ellipsis."""
    clean = "".join(c if c.isprintable() else " " for c in text[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def lines(text: str, limit: int = 20_000) -> str:
    """Text from the wire with its line breaks; other control characters become blanks."""
    clean = "".join(c if c.isprintable() or c == "\n" else " " for c in text[:limit].replace("\r\n", "\n"))
    return clean.strip("\n")
