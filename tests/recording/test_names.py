"""Names: whatever stands in an id, the path stays inside its folder."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.recording import names
from rtms_desktop.recording.manifest import KEYS, RecordingInfo, read_manifest, write_atomic, write_manifest
from tests.recording import material as m


def test_a_bundle_is_named_by_its_start_and_a_safe_id() -> None:
    name = names.bundle_name(1_749_025_800_000, "TNhvT3/EBT6+rse3TgWRGr==")
    assert name == "20250604T083000Z_TNhvT3_EBT6_rse3TgWRGr.rtmsrec"


@given(st.text(max_size=300))
def test_no_id_leaves_the_folder(text: str) -> None:
    name = names.bundle_name(0, text)
    stem = name.removesuffix(names.BUNDLE_SUFFIX)
    assert Path(name).name == name and len(name) < 100
    assert stem.isascii() and set(stem) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def test_two_recordings_in_one_second_do_not_meet(tmp_path: Path) -> None:
    found = []
    for _ in range(3):
        path = names.new_bundle(tmp_path, 0, "x")
        path.mkdir()
        found.append(path.name)
    assert found == ["19700101T000000Z_x.rtmsrec", "19700101T000000Z_x-2.rtmsrec", "19700101T000000Z_x-3.rtmsrec"]


def test_the_manifest_is_replaced_in_one_step(tmp_path: Path) -> None:
    manifest = dict.fromkeys(KEYS) | {"schema": 1, "closed": False}
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    write_manifest(tmp_path, manifest | {"closed": True})
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
    assert json.loads((tmp_path / "manifest.json").read_bytes())["closed"] is True
    write_atomic(tmp_path / "other", b"x")
    assert names.list_files(tmp_path) == ["other"]


def test_the_info_survives_the_tape_without_its_secrets() -> None:
    info = m.info(profile="my app", session_zero_ms=5)
    assert info.secrets == (m.SECRET, m.SIGNATURE)
    record = json.loads(json.dumps(info.to_record()))
    assert m.SECRET not in json.dumps(record) and m.SIGNATURE not in json.dumps(record) + repr(info)
    again = RecordingInfo.from_record(record)
    assert again.to_record() == info.to_record() and again.secrets == ()
