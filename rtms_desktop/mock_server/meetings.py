"""Every stream that the server has announced, and the webhooks that tell of them. Loop only."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterator
from typing import Any

from rtms_desktop.mock_server.addresses import Addresses
from rtms_desktop.mock_server.meeting import Meeting
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.stage import Stage
from rtms_desktop.mock_server.tasks import Tasks
from rtms_desktop.mock_server.truth import TruthLog
from rtms_desktop.mock_server.webhooks import WebhookSender
from rtms_desktop.wire.announce import interrupted_webhook, started_webhook, stopped_webhook

OPERATOR = "mock-operator"


class Meetings:
    """Meetings by stream id, in the order of their announcement."""

    def __init__(self, options: MockOptions, stage: Stage, truth: TruthLog, addresses: Addresses, tasks: Tasks) -> None:
        self._options, self._stage, self._truth = options, stage, truth
        self._addresses, self._tasks = addresses, tasks
        self._meetings: dict[str, Meeting] = {}
        self._urls: dict[str, str] = {}
        self.webhooks = WebhookSender(options.secret_token, truth)

    def __iter__(self) -> Iterator[Meeting]:
        return iter(list(self._meetings.values()))

    def __len__(self) -> int:
        return len(self._meetings)

    def get(self, stream_id: str) -> Meeting | None:
        return self._meetings.get(stream_id)

    def announce(self, meeting_id: str = "", stream_id: str = "") -> Meeting:
        """A new stream that a client may join."""
        meeting = Meeting(
            self._stage,
            self._truth,
            self._options,
            self._notify,
            meeting_id or base64.b64encode(os.urandom(16)).decode(),
            stream_id or secrets.token_hex(16),
        )
        self._meetings[meeting.stream_id] = meeting
        return meeting

    async def close(self) -> None:
        for meeting in self:
            meeting.close()
        await self.webhooks.close()

    # -- webhooks -------------------------------------------------------------------------------------------------

    def started(self, meeting: Meeting) -> dict[str, Any]:
        """The webhook that announces a meeting."""
        return started_webhook(
            self._options.product,
            meeting.meeting_id,
            meeting.stream_id,
            self._addresses.signaling_url,
            event_ts=self._stage.epoch_ms(),
            dialect=self._options.dialect,
            extra={"operator_id": OPERATOR},
        )

    def interrupted(self, meeting: Meeting) -> dict[str, Any]:
        return interrupted_webhook(
            self._options.product,
            meeting.meeting_id,
            meeting.stream_id,
            event_ts=self._stage.epoch_ms(),
            dialect=self._options.dialect,
        )

    def send_webhook(self, webhook: dict[str, Any], url: str = "") -> None:
        """Posts in the background, when there is somebody to post to."""
        url = url or self._options.webhook_url
        if url:
            self._tasks.start(self.webhooks.send(url, webhook), "mock-webhook")

    def tell_at(self, url: str, stream_id: str = "") -> None:
        """What happens to this stream (to all of them) is told at ``url`` from now on."""
        self._urls |= dict.fromkeys([stream_id] if stream_id else self._meetings, url)

    def _stopped(self, meeting: Meeting, stop_reason: int) -> dict[str, Any]:
        return stopped_webhook(
            self._options.product,
            meeting.meeting_id,
            meeting.stream_id,
            stop_reason,
            event_ts=self._stage.epoch_ms(),
            dialect=self._options.dialect,
        )

    def _notify(self, kind: str, meeting: Meeting, fields: dict[str, Any]) -> None:
        webhook = self.interrupted(meeting) if kind == "interrupted" else self._stopped(meeting, fields["stop_reason"])
        self.send_webhook(webhook, self._urls.get(meeting.stream_id, ""))
