"""Every message in every dialect that was seen: read, compared, written, read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rtms_desktop.wire import messages
from rtms_desktop.wire.codec import Reader, write
from rtms_desktop.wire.enums import Dialect, Medium, MessageType, Product

FOLDER = Path(__file__).parent.parent / "data" / "wire"
CASES = [
    pytest.param(case, id=f"{path.stem}: {case['name']}")
    for path in sorted(FOLDER.glob("*.json"))
    for case in json.loads(path.read_text("utf-8"))
]
# What a message keeps of the form in which it came; it is not part of what it says.
FORM = ("raw", "echo", "reason_text")


def reader_for(case: dict[str, Any]) -> Reader:
    medium = Medium(case["medium"]) if "medium" in case else None
    return Reader(medium, Product(case.get("product", "meeting")))


def said(message: messages.Message) -> dict[str, Any]:
    fields = msgspec.to_builtins(message)
    return {"type": type(message).__name__} | {key: value for key, value in fields.items() if key not in FORM}


@pytest.mark.parametrize("case", CASES)
def test_it_reads_as_expected(case: dict[str, Any]) -> None:
    reader = reader_for(case)
    (message,) = reader.read(json.dumps(case["wire"]))
    plain = json.loads(msgspec.json.encode(message))
    assert {"type": type(message).__name__, **plain} == case["message"]
    assert reader.dialect == case["dialect"]
    assert [note.kind for note in reader.take_notes() if note.kind != "dialect"] == case["notes"]


@pytest.mark.parametrize("case", CASES)
def test_as_bytes_it_reads_the_same(case: dict[str, Any]) -> None:
    if isinstance(case["wire"], dict):
        text = json.dumps(case["wire"], ensure_ascii=False)
        assert reader_for(case).read(text.encode()) == reader_for(case).read(text)


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0]["exact"]])
def test_it_is_written_exactly_so(case: dict[str, Any]) -> None:
    (message,) = reader_for(case).read(json.dumps(case["wire"]))
    assert json.loads(write(message, Dialect(case["dialect"]))) == case["wire"]


@pytest.mark.parametrize("case", CASES)
def test_written_as_production_it_says_the_same(case: dict[str, Any]) -> None:
    (message,) = reader_for(case).read(json.dumps(case["wire"]))
    (again,) = reader_for(case).read(write(message))
    expected = said(message)
    if isinstance(message, messages.UnknownMessage):
        assert again == message
        return
    if "status_code" in expected and expected["status_code"] is None:
        expected["status_code"] = 0 if expected["ok"] else 45  # production has a code always
    if isinstance(message, messages.StreamStateUpdate):
        expected["reason"] = expected["reason"] or 0
    if isinstance(message, messages.KeepAliveRequest):
        expected["sequence"] = expected["sequence"] or 0
    if isinstance(message, messages.SignalingHandshakeRequest):
        expected["id_key"] = expected["id_key"] if expected["meeting_id"] else ""
    assert said(again) == expected


def test_every_message_number_has_a_golden_file() -> None:
    numbers = {int(path.stem[:2]) for path in FOLDER.glob("*.json")}
    assert numbers >= {kind.value for kind in MessageType}


def test_every_dialect_with_an_envelope_of_its_own_is_among_them() -> None:
    assert {case.values[0]["dialect"] for case in CASES} == set(Dialect) - {Dialect.BINARY}
