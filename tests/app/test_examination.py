"""The steps of a connection against real servers: one that lets in, one that refuses, one that is not there."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from rtms_desktop.app import checklist as steps
from rtms_desktop.app.causes import CHECKED, Doubt, Evidence, facts_of, weigh
from rtms_desktop.app.checklist import Checklist, StepState
from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.controller import Controller
from rtms_desktop.app.examination import Examination
from rtms_desktop.app.settings import Settings
from rtms_desktop.errors import RtmsError
from rtms_desktop.session.events import ReadySent
from rtms_desktop.wire.catalogue import CATEGORIES, LOCAL
from rtms_desktop.wire.enums import Medium, Product
from rtms_desktop.wire.invite import Invite
from rtms_desktop.wire.payload import read_payload

NOW_MS = 1_795_183_331_000


def request_for(url: str = "ws://127.0.0.1:1/", secret: str = "s3cret", **rest: Any) -> ConnectRequest:
    values: dict[str, Any] = {"meeting_id": "abc==", "stream_id": "stream1", "event": "meeting.rtms_started"} | rest
    invite = Invite(product=Product.MEETING, id_key="meeting_uuid", signaling_url=url, **values)
    return ConnectRequest(invite=invite, client_id="AbCdEfGh1234", client_secret=secret)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Controller]:
    controller = Controller(Settings(folder))
    try:
        yield controller
    finally:
        await controller.shutdown()


async def until(found: Examination, condition: Callable[[], object], seconds: float = 20) -> None:
    changed = asyncio.Event()
    stop = found.subscribe(changed.set)
    async with asyncio.timeout(seconds):
        while not condition():
            changed.clear()
            await changed.wait()
    stop()


def states(found: Examination) -> list[StepState]:
    assert found.listing is not None
    return [step.state for step in found.listing.steps]


@pytest.mark.slow
async def test_every_step_lights_up_and_a_wrong_secret_stops_at_the_seventh(tmp_path: Path) -> None:
    async with running(tmp_path) as controller:
        found = controller.examination
        await controller.demo(record=False)
        await until(found, lambda: found.listing is not None and found.listing.steps[steps.READY - 1].at)
        assert states(found)[: steps.READY] == [*[StepState.PASSED] * 4, StepState.SKIPPED, *[StepState.PASSED] * 6]
        assert found.verdict is None
        assert found.listing is not None and found.listing.steps[steps.NAME - 1].detail == "127.0.0.1"

        info = controller.mock.info
        assert info is not None
        invite = dataclasses.replace(read_payload(json.dumps(info.webhook)), stream_id="another stream")
        controller.connect(ConnectRequest(invite=invite, client_id=info.client_id, client_secret="wrong"))
        await until(found, lambda: found.verdict)
        failed, verdict = found.failed, found.verdict
        assert failed is not None and verdict is not None
        assert failed.number == steps.HANDSHAKE and states(found)[steps.HANDSHAKE :] == [StepState.WAITING] * 6
        assert failed.detail == verdict.code and verdict.code.split()[0].isdigit()
        assert "ms after message 1" in verdict.sentence

        controller.connect_again(client_id=info.client_id)  # the store knows the right secret
        await until(found, lambda: found.verdict is not None and found.verdict is not verdict)
        assert controller.last_request is not None and controller.last_request.client_secret == info.client_secret


@pytest.mark.slow
async def test_a_port_where_nobody_listens_fails_at_the_socket(tmp_path: Path) -> None:
    async with running(tmp_path) as controller:
        found = controller.examination
        controller.connect(request_for())
        await until(found, lambda: found.verdict)
        assert found.failed is not None and found.failed.number == steps.SOCKET
        assert states(found)[steps.NAME - 1 : steps.SOCKET] == [StepState.PASSED, StepState.SKIPPED, StepState.FAILED]
        assert found.verdict is not None and found.verdict.may_retry and not found.verdict.credentials
        down = next(cause for cause in found.verdict.causes if cause.title == "The network is down.")
        assert down.doubt is Doubt.RULED_OUT  # it is this computer


async def test_a_host_that_nobody_allowed_fails_before_anything_is_sent(tmp_path: Path) -> None:
    async with running(tmp_path) as controller:
        with pytest.raises(RtmsError):
            await controller.connect_now(request_for("wss://evil.example/"))
        found = controller.examination
        assert found.failed is not None and found.failed.number == steps.HOST
        assert found.verdict is not None and found.verdict.code == "HOST_NOT_ALLOWED"


def evidence(reached: bool = True, **rest: Any) -> Evidence:
    secret = rest.pop("secret", "s" * 32)
    return Evidence(facts=facts_of(request_for(secret=secret, **rest), NOW_MS), reached=reached)


def test_what_cannot_be_is_ruled_out_and_what_was_found_comes_first() -> None:
    told = weigh(CATEGORIES["auth"].causes, evidence())
    assert [cause.doubt for cause in told] == [Doubt.POSSIBLE] * 3 + [Doubt.RULED_OUT] * 2
    assert "32 characters" in told[3].note
    told = weigh(CATEGORIES["auth"].causes, evidence(secret="abc "))
    assert told[0].doubt is Doubt.FOUND and "blank" in told[0].title


@pytest.mark.parametrize(
    ("category", "rest", "text", "doubt"),
    [
        ("meeting", {"meeting_id": "94861230577"}, "numeric", Doubt.FOUND),
        ("meeting", {}, "numeric", Doubt.RULED_OUT),
        ("stream", {"event_ts": NOW_MS - 12_000}, "older webhook", Doubt.RULED_OUT),
        ("stream", {"event_ts": NOW_MS - 3_600_000}, "older webhook", Doubt.POSSIBLE),
        ("stream", {}, "older webhook", Doubt.POSSIBLE),
        ("network", {"url": "wss://rtms.zoom.us"}, "host name", Doubt.RULED_OUT),
        ("network", {"url": "wss://rtms.zoom.us", "reached": False}, "host name", Doubt.POSSIBLE),
    ],
)
def test_causes_are_weighed_by_what_is_known(category: str, rest: Any, text: str, doubt: Doubt) -> None:
    told = weigh(CATEGORIES[category].causes, evidence(**rest))
    assert next(cause for cause in told if text in cause.title).doubt is doubt


def test_every_check_belongs_to_a_cause_of_the_catalogue() -> None:
    known = {cause for category in CATEGORIES.values() for cause in category.causes}
    known |= {cause for one in LOCAL.values() for cause in one.causes}
    assert known >= CHECKED


def test_nothing_of_the_secret_is_kept() -> None:
    assert "s3cretvalue" not in repr(facts_of(request_for(secret="s3cretvalue"), NOW_MS))


def test_a_medium_that_did_not_come_does_not_hold_the_list_up() -> None:
    listing = Checklist(frozenset({Medium.AUDIO, Medium.CHAT}))
    listing.control({"do": "link_opened", "link": "audio"}, 1.0)
    listing._granted.add("audio")
    listing.events([ReadySent(at=2.0)])
    passed = {step.number for step in listing.steps if step.state is StepState.PASSED}
    assert {steps.MEDIA_SOCKETS, steps.MEDIA_HANDSHAKES, steps.READY} <= passed
