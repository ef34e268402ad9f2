"""One window for each settings folder: a second start hands over what it was given and ends (main thread).

The first instance listens on a local socket that only the same user can reach. A message is one line of JSON,
``{"payload", "recording", "demo", "record", "token"}``; it is answered with ``ok``. ``token`` is what the desktop gave
to the second start so that the window may come to the front.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from rtms_desktop.app.places import instance_address

log = logging.getLogger(__name__)

CONNECT_MS, ANSWER_MS = 500, 3000
LIMIT = 2_000_000
ANSWER = b"ok\n"


def hand_over(folder: Path, message: dict[str, Any]) -> bool:
    """Give the message to the instance that uses ``folder``; False: there is none, or it does not answer."""
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(instance_address(folder))
    if not socket.waitForConnected(CONNECT_MS):
        return False
    socket.write(json.dumps(message).encode() + b"\n")
    socket.flush()
    answered = socket.waitForReadyRead(ANSWER_MS) and bytes(socket.readAll().data()) == ANSWER
    socket.abort()
    return bool(answered)


class Instance(QObject):
    """Listens for later starts; `received` brings each message."""

    received = Signal(dict)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        from PySide6.QtNetwork import QLocalServer

        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)
        where = instance_address(folder)
        if not self._server.listen(where):
            QLocalServer.removeServer(where)  # left by a crash: nobody answered there
            if not self._server.listen(where):
                log.info("later starts open a window of their own: %s", self._server.errorString())

    def close(self) -> None:
        self._server.close()

    def _connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            self._read(socket)  # it may have come with the connection

    def _read(self, socket: Any) -> None:
        if socket.bytesAvailable() > LIMIT:
            socket.abort()
            return
        if not socket.canReadLine():
            return
        try:
            message = json.loads(bytes(socket.readLine().data()))
        except ValueError:
            socket.abort()
            return
        socket.write(ANSWER)
        socket.flush()
        if isinstance(message, dict):
            self.received.emit(message)
