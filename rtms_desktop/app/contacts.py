"""Whom this computer may contact, and whose certificates it trusts: as set and as started. Main thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rtms_desktop.transport.hosts import check_allowed, endpoint

if TYPE_CHECKING:
    import ssl

    from rtms_desktop.app.connect import ConnectRequest
    from rtms_desktop.app.settings import Settings


class Contacts:
    """Args: ``hosts`` and ``ca``: of the command line; they go beside, or before, those of the settings."""

    def __init__(self, settings: Settings, hosts: frozenset[str], ca: Path | None) -> None:
        self._settings, self._hosts, self._ca = settings, hosts, ca

    @property
    def hosts(self) -> frozenset[str]:
        """Allowed beside Zoom's own and this computer."""
        return self._hosts | frozenset(self._settings.values.allowed_hosts)

    def allows(self, url: str) -> bool:
        return endpoint(url).known or endpoint(url).host in self.hosts

    def admit(self, request: ConnectRequest) -> ssl.SSLContext:
        """With which certificates to connect.

        Raises:
            RtmsError: the URL cannot be read, nobody allowed its host, or the file of certificates cannot be used.
        """
        from rtms_desktop.transport.tls import client_context

        url = request.invite.signaling_url
        own = {endpoint(url).host} if request.allow_host else set()
        check_allowed(url, self.hosts | own)
        file = self._settings.values.ca_file
        return client_context(self._ca or (Path(file) if file else None))
