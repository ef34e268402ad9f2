"""Which hosts a signature may go to without asking."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from rtms_desktop.errors import HostNotAllowedError, PayloadError


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Host, port and security of a WebSocket URL; ``known`` = *.zoom.us or this computer."""

    host: str
    port: int
    secure: bool

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)

    @property
    def known(self) -> bool:
        zoom = self.host == "zoom.us" or self.host.endswith(".zoom.us")
        return (zoom and self.secure) or self.loopback

    @property
    def authority(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def endpoint(url: str) -> Endpoint:
    """Read a ws:// or wss:// URL.

    Raises:
        PayloadError: the text is no such URL.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise PayloadError(f"the server URL {url!r} cannot be read", str(error)) from error
    if parts.scheme not in ("ws", "wss") or not host:
        raise PayloadError(
            f"the server URL {url!r} cannot be used", "it is neither ws:// nor wss://", "Copy server_urls unchanged."
        )
    if parts.username is not None:
        # RTMS knows no such thing, and "wss://rtms.zoom.us@evil.example" reads like another host.
        raise PayloadError(
            "the server URL cannot be used", f"it holds a user name in front of {host}", "Copy server_urls unchanged."
        )
    secure = parts.scheme == "wss"
    return Endpoint(host.lower(), port or (443 if secure else 80), secure)


def check_allowed(url: str, allowed: frozenset[str]) -> Endpoint:
    """The endpoint of ``url``; raises HostNotAllowedError unless it is known or its host is in ``allowed``."""
    found = endpoint(url)
    if not found.known and found.host not in allowed:
        plain = found.host.endswith("zoom.us") and not found.secure
        raise HostNotAllowedError(
            f"{found.host} was not contacted",
            "it is a zoom.us host without TLS" if plain else "it is neither a *.zoom.us host nor this computer",
            f"If you trust it, allow it with --allow-host {found.host}.",
        )
    return found
