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
    In a list each URL serves the type that its path ends with; one URL under several schemes counts as one.
    """
    server = answer.get("media_server")
    found = server.get("server_urls") if isinstance(server, dict) else None
    if found is None:
        found = pick(answer, "server_urls", "media_urls", "media_server_url")
    if isinstance(found, dict):
        return _by_medium(found)
    if by_path := _by_path(found):
        return by_path
    if url := first_url(found):
        return {ALL: url}
    if base := first_url(pick(answer, "serverUrl", "server_url")):
        return media_paths(base)
    return {}


def media_paths(base: str) -> dict[str, str]:
    """The URLs of a server that has one path per type beside its signaling URL."""
    root = base.rstrip("/").removesuffix("/signaling")
    return {medium.value: f"{root}/{_PATHS.get(medium, medium.value)}" for medium in Medium}


def _by_path(value: object) -> dict[str, str]:
    """Several URLs by the last part of their path; {} when that does not tell what each of them serves."""
    texts = value if isinstance(value, list) else [value]
    urls = [
        part
        for text in texts
        if isinstance(text, str)
        for part in _parts(text)
        if part.lower().startswith(("ws://", "wss://"))
    ]
    ends = {url.partition("?")[0].rstrip("/").rpartition("/")[2].lower(): url for url in reversed(urls)}
    found = _by_medium(ends)
    return found if len(urls) > 1 and len(found) == len(ends) else {}


def _by_medium(urls: Mapping[str, Any]) -> dict[str, str]:
    found = {medium.value: first_url(pick(urls, *medium.url_keys)) for medium in Medium}
    found[ALL] = first_url(urls.get(ALL))
    return {name: url for name, url in found.items() if url}
