"""Server URLs in every form that was seen: one text, a comma list, an array, a map per media type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rtms_desktop.wire.enums import Medium
from rtms_desktop.wire.lenient import pick

ALL = "all"
# A comma may be part of a URL; between URLs it stands before the next scheme.
_SEPARATORS = re.compile(r"[\s,;]+(?=[A-Za-z][A-Za-z0-9+.-]*://)|\s+")
_PATHS = {Medium.SHARE: "deskshare"}  # where the path is not the medium's name


def first_url(value: object) -> str:
    """The first ws:// or wss:// URL of a text, a comma list, an array or a map; "" when there is none."""
    match value:
        case str():
            sockets = (part for part in _parts(value) if part.lower().startswith(("ws://", "wss://")))
            return next(sockets, "")
        case list():
            return next((url for item in value if isinstance(item, str) and (url := first_url(item))), "")
        case dict():
            return next(
                (url for item in value.values() if isinstance(item, str | list) and (url := first_url(item))), ""
            )
        case _:
            return ""


def _parts(value: str) -> list[str]:
    return [part for item in _SEPARATORS.split(value) if (part := item.strip(" ,;"))]


def signaling_url(value: object) -> str:
    """The signaling URL of a webhook's server_urls; of a map the entry that reference clients take."""
    if isinstance(value, dict):
        best = (first_url(value.get(key)) for key in ("signaling", "contactCenter", ALL, Medium.AUDIO.value))
        return next((url for url in best if url), "") or first_url(value)
    return first_url(value)


def url_form(value: object) -> str:
    """How server_urls was written, for a person: "text", "comma list", "list" or "map"."""
    match value:
        case list():
            return "list"
        case dict():
            return "map"
        case str() if len(_parts(value)) > 1:
            return "comma list"
        case _:
            return "text"


def media_urls(answer: Mapping[str, Any]) -> dict[str, str]:
    """URLs of message 2 by medium name or "all".

    One URL without a media type serves all types ("all"), except ``serverUrl``, which is the base of one path per type.
    """
    server = answer.get("media_server")
    found = server.get("server_urls") if isinstance(server, dict) else None
    if found is None:
        found = pick(answer, "server_urls", "media_urls", "media_server_url")
    if isinstance(found, dict):
        return _by_medium(found)
    if url := first_url(found):
        return {ALL: url}
    if base := first_url(pick(answer, "serverUrl", "server_url")).rstrip("/"):
        return {medium.value: f"{base}/{_PATHS.get(medium, medium.value)}" for medium in Medium}
    return {}


def _by_medium(urls: Mapping[str, Any]) -> dict[str, str]:
    found = {medium.value: first_url(pick(urls, *medium.url_keys)) for medium in Medium}
    found[ALL] = first_url(urls.get(ALL))
    return {name: url for name, url in found.items() if url}
