"""Client secrets: in the system keyring, else in memory until the program ends. Never in a file of ours."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass

from rtms_desktop.app.settings import Settings
from rtms_desktop.errors import UsageError

log = logging.getLogger(__name__)

SERVICE = "rtms-desktop"
SECRET_TOKEN = "webhook secret token"
"""Under this name is kept what webhooks are signed with: a secret, but nobody to sign as."""
# In the order of design: Zoom's samples, the seed's names, the SDK's names.
ENVIRONMENT = (
    ("ZOOM_CLIENT_ID", "ZOOM_CLIENT_SECRET"),
    ("ZM_CLIENT_ID", "ZM_CLIENT_SECRET"),
    ("ZM_RTMS_CLIENT", "ZM_RTMS_SECRET"),
)


@dataclass(frozen=True, slots=True)
class Credential:
    """``repr`` never shows the secret."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        return f"Credential({self.client_id!r}, '***')"


def from_environment(environ: Mapping[str, str] = os.environ) -> Credential | None:
    """The first complete pair of the known variable names; stray blanks are cut (a usual cause of bad signatures)."""
    for id_name, secret_name in ENVIRONMENT:
        client_id, secret = environ.get(id_name, "").strip(), environ.get(secret_name, "").strip()
        if client_id and secret:
            return Credential(client_id, secret)
    return None


def from_options(client_id: str | None, client_secret: str | None) -> Credential:
    """Options first, then the environment.

    Raises:
        UsageError: neither gives a complete pair.
    """
    if client_id and client_secret:
        return Credential(client_id.strip(), client_secret.strip())
    found = from_environment()
    if found is None:
        raise UsageError(
            "no credentials to sign with",
            "neither --client-id and --client-secret nor ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET are set",
            "Give the client id and secret of the Zoom app that receives this webhook.",
        )
    return Credential(client_id.strip() if client_id else found.client_id, found.client_secret)


class CredentialStore:
    """Secrets by client id. ``keeps``: whether they outlive the program ("keyring") or not ("this session only")."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._memory: dict[str, str] = {}
        self.keeps = "this session only" if settings.isolated else _keyring_kind()

    @property
    def client_ids(self) -> list[str]:
        """Known ids, the last used first; the environment's is last."""
        known = [*self._settings.values.client_ids, *self._memory]
        if (env := from_environment()) is not None:
            known.append(env.client_id)
        return [client_id for client_id in dict.fromkeys(known) if client_id != SECRET_TOKEN]

    def secret(self, client_id: str) -> str | None:
        """The secret of ``client_id``, or None. May ask the keyring, which may ask the person."""
        if client_id in self._memory:
            return self._memory[client_id]
        if (env := from_environment()) is not None and env.client_id == client_id:
            return env.client_secret
        if self.keeps != "keyring":
            return None
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(SERVICE, client_id)
        except KeyringError as error:
            log.info("the keyring did not answer: %s", error)
            return None

    @property
    def in_memory(self) -> frozenset[str]:
        """Ids and secrets that are known without asking anybody: what no text may contain that leaves the program."""
        env = from_environment()
        known = {*self._memory, *self._memory.values(), *self._settings.values.client_ids}
        return frozenset(known | ({env.client_id, env.client_secret} if env is not None else set()))

    def remember(self, client_id: str, secret: str, *, keep: bool = True) -> str:
        """Store a secret; returns where it is: "keyring" or "this session only"."""
        self._memory[client_id] = secret
        if not keep or self.keeps != "keyring":
            return "this session only"
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(SERVICE, client_id, secret)
        except KeyringError as error:
            log.info("the keyring did not store the secret: %s", error)
            return "this session only"
        if client_id != SECRET_TOKEN:
            others = [other for other in self._settings.values.client_ids if other != client_id]
            self._settings.change(client_ids=[client_id, *others])
        return "keyring"

    def forget(self, client_id: str) -> None:
        self._memory.pop(client_id, None)
        self._settings.change(client_ids=[other for other in self._settings.values.client_ids if other != client_id])
        if self.keeps == "keyring":
            import keyring
            from keyring.errors import KeyringError

            try:
                keyring.delete_password(SERVICE, client_id)
            except KeyringError as error:
                log.info("the keyring did not delete the secret: %s", error)


def _keyring_kind() -> str:
    """ "keyring" when a real backend answers; plain-text backends do not count."""
    import keyring

    backend = type(keyring.get_keyring())
    real = backend.__module__.startswith(("keyring.backends.", "keyring.core")) and not backend.__module__.endswith(
        (".fail", ".null")
    )
    return "keyring" if real else "this session only"
