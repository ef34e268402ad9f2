"""Names of the transcript languages by their number on the wire (SDK 1.1.0 constants)."""

from __future__ import annotations

_NAMES = (
    "Arabic", "Bengali", "Cantonese", "Catalan", "Chinese (simplified)", "Chinese (traditional)", "Czech", "Danish",
    "Dutch", "English", "Estonian", "Finnish", "French (Canada)", "French (France)", "German", "Hebrew", "Hindi",
    "Hungarian", "Indonesian", "Italian", "Japanese", "Korean", "Malay", "Persian", "Polish", "Portuguese", "Romanian",
    "Russian", "Spanish", "Swedish", "Tagalog", "Tamil", "Telugu", "Thai", "Turkish", "Ukrainian", "Vietnamese",
)  # fmt: skip


LANGUAGES = tuple(enumerate(_NAMES))
"""Those that a transcript can be asked for in: number and name, by name."""


def language_label(number: int | None) -> str:
    """``9 English``; empty when the server named none."""
    if number is None:
        return ""
    if number == -1:
        return "-1 automatic"
    name = _NAMES[number] if 0 <= number < len(_NAMES) else "unknown"
    return f"{number} {name}"
