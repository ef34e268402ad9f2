"""The index of a tape: states to begin from, what was told, where the pictures are."""

from __future__ import annotations

import itertools
import pickle
import random
from pathlib import Path

import pytest
import zstandard

from rtms_desktop.errors import BundleError
from rtms_desktop.recording import index as ix
from rtms_desktop.recording import names
from rtms_desktop.recording.checkpoint import freeze, thaw
from rtms_desktop.recording.chunk_store import ChunkStore
from rtms_desktop.recording.index import Index, IndexBuilder, restore
from rtms_desktop.recording.index_file import dump, fingerprint, load
from rtms_desktop.recording.marks import Mark
from rtms_desktop.recording.overview import JumpTo, overview, to_at_of
from rtms_desktop.recording.reader import Seed, read_seed, replay
from rtms_desktop.recording.tape_reader import TapeReader
from rtms_desktop.recording.units import UnitStore
from rtms_desktop.session import events as ev
from rtms_desktop.session.core import SessionCore
from tests.fakes import long_recording as lr
from tests.recording import live


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds with lost sockets, recorded by a real recorder."""
    folder = tmp_path_factory.mktemp("index") / "x.rtmsrec"
    live.scenario(folder).recorder.close()
    return folder


@pytest.fixture(autouse=True)
def many_checkpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ix, "CHECKPOINT_RECORDS", 1)
    monkeypatch.setattr(ix, "RECORDS_PER_BYTE", 0)


def opened(bundle: Path) -> tuple[ChunkStore, Seed]:
    tape = bundle / names.TAPE
    with TapeReader(tape) as reader:
        seed = read_seed(reader)
        control = next(r for r in reader.records() if r.is_control and r.json().get("do") == "seed")
    chunks = ChunkStore(tape)
    chunks.origin = control.time_ns - round(control.json()["now"] * 1e9)
    return chunks, seed


def built(bundle: Path) -> tuple[Index, ChunkStore, Seed]:
    chunks, seed = opened(bundle)
    index = Index()
    IndexBuilder(index, bundle / names.TAPE, seed, chunks.origin).run()
    return index, chunks, seed


def test_from_any_moment_the_session_goes_on_as_it_did(bundle: Path) -> None:
    index, chunks, seed = built(bundle)
    linear = [(record, events) for record, events in replay(bundle / names.TAPE)]
    told = [event for _, events in linear for event in events]
    times = sorted({chunks.at(record.time_ns) for record, _ in linear})
    for at in random.Random(4).sample(times, 25):
        begun = restore(index, chunks, seed, at)
        later: list[ev.Event] = []
        for number in range(begun.chunk, len(chunks)):
            for record in chunks.records(number)[begun.row if number == begun.chunk else 0 :]:
                later += begun.drive.feed(record)
        assert later == [event for event in told if event.at > at]
    assert len(index.checkpoints) == len(chunks)
    chunks.close()


def test_the_history_is_what_was_told_without_media_and_keep_alives(bundle: Path) -> None:
    index, chunks, _ = built(bundle)
    told = [event for _, events in replay(bundle / names.TAPE) for event in events]
    wanted = [event for event in told if not isinstance(event, ev.MediaReceived | ev.KeepAlive)]
    units = [event for event in index.events if isinstance(event, ev.MediaReceived)]
    assert [event for event in index.events if not isinstance(event, ev.MediaReceived)] == wanted
    assert {(unit.medium, unit.user_id) for unit in units} == {
        (event.medium, event.user_id) for event in told if isinstance(event, ev.MediaReceived)
    }
    assert all(unit.data == b"" for unit in units)
    middle = told[len(told) // 2].at
    assert index.history(middle) == [event for event in index.events if event.at <= middle]
    chunks.close()


def test_a_kept_index_is_the_same_index_and_fits_its_tape_only(bundle: Path, tmp_path: Path) -> None:
    index, chunks, seed = built(bundle)
    tape, file = bundle / names.TAPE, tmp_path / names.REPLAY_INDEX
    file.write_bytes(dump(index, fingerprint(tape, seed)))
    again = load(file, tape, seed)
    assert again is not None and again.complete
    assert again.events == index.events and list(again.ats) == list(index.ats)
    assert again.places == index.places and again.marks == index.marks
    assert again.checkpoints == index.checkpoints
    assert list(again.figures.looks(chunks.first_at(0), chunks.end)) == list(
        index.figures.looks(chunks.first_at(0), chunks.end)
    )
    at = chunks.end - 0.5
    assert restore(again, chunks, seed, at).drive.core.phase is restore(index, chunks, seed, at).drive.core.phase
    other = tmp_path / "other.mcap"
    other.write_bytes(tape.read_bytes()[:-1])
    assert load(file, other, seed) is None
    file.write_bytes(file.read_bytes()[:-20])
    assert load(file, tape, seed) is None
    assert load(tmp_path / "none", tape, seed) is None
    chunks.close()


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("1/0",)


@pytest.mark.parametrize(
    "bad",
    [Evil(), Path("/"), pickle.Unpickler, SessionCore.start, {"key": Evil()}, ev.Phase, random.SystemRandom],
    ids=["eval", "path", "unpickler", "function", "nested", "enum class", "random"],
)
def test_a_checkpoint_makes_nothing_but_parts_of_a_session(bad: object) -> None:
    data = zstandard.compress(pickle.dumps(bad))
    if bad is ev.Phase:  # a class of the session's own is harmless
        assert thaw(data) is ev.Phase
        return
    with pytest.raises(BundleError):
        thaw(data)


def test_a_checkpoint_that_is_no_checkpoint_is_refused(bundle: Path) -> None:
    for data in (b"", b"nothing", freeze([1])[:-3]):
        with pytest.raises(BundleError):
            thaw(data)


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute of two people, by the clock."""
    return lr.make_bundle(tmp_path_factory.mktemp("long"), 30.0, people=2, size=(160, 90))


@pytest.mark.parametrize("indexed", [False, True])
def test_the_unit_at_a_time_its_neighbours_and_its_keyframe(long: Path, indexed: bool) -> None:
    index, chunks, seed = built(long)
    store = UnitStore(chunks, seed.config.product, chunks.origin / 1e6)
    if indexed:
        store.set_index(index.places, index.until)
    key = ("video", lr.FIRST_USER)
    for s in (0.1, 0.5, 7.77, 20.0, 29.9):
        unit = store.at(key, lr.OPENED_AT + s + 0.001)
        assert unit is not None
        assert round((unit.due - lr.OPENED_AT - 0.1) * lr.FPS) % lr.CYCLE == lr.number_at(s)
        assert unit.data == lr.cycle(160, 90)[lr.number_at(s)]
        start = store.keyframe(unit)
        assert start is not None and start.starts
        assert start.data == lr.cycle(160, 90)[lr.number_at(s) // lr.GOP * lr.GOP]
        before = store.before(unit)
        assert (before is None) == (s == 0.1)
        if before is not None:
            following = store.after(before, unit.at)
            assert following is not None and following.place == unit.place
    assert store.at(key, lr.OPENED_AT + 0.05) is None
    assert store.at(("video", 7), lr.OPENED_AT + 9) is None
    last = store.at(key, chunks.end)
    assert last is not None and store.after(last, chunks.end) is None
    chunks.close()


def test_due_times_are_even_and_right_though_arrivals_are_not(long: Path) -> None:
    chunks, seed = opened(long)
    store = UnitStore(chunks, seed.config.product, chunks.origin / 1e6)
    sound = store.sound(lr.OPENED_AT + 5, lr.OPENED_AT + 15)
    own = [unit for unit in sound if unit.key == ("audio", lr.FIRST_USER)]
    assert len({round(unit.at - unit.due, 4) for unit in own}) > 5
    steps = [round((b.due - a.due) * 1000, 3) for a, b in itertools.pairwise(own)]
    assert all(abs(step - 20) < 0.1 for step in steps)
    assert max(abs(unit.due - unit.at) for unit in own) < 0.01
    assert abs(store.server_ms(lr.OPENED_AT + 10) - lr.server_ms(10)) < 1
    assert abs(store.due(lr.server_ms(10)) - lr.OPENED_AT - 10) < 0.001
    chunks.close()


def test_the_overview_knows_turns_lines_and_where_to_jump(long: Path) -> None:
    index, chunks, _ = built(long)
    to_at = to_at_of(index.figures, chunks.origin / 1e6)
    found = overview(index.events, [Mark("a", lr.OPENED_AT + 12.0, 0, "here")], to_at, chunks.end)
    first, second = lr.FIRST_USER, lr.FIRST_USER + 1024
    assert list(found.speakers) == [first, second]
    starts = [round(turn.start - lr.OPENED_AT, 1) for turn in found.speakers[first]]
    assert starts == [0.1, 20.1]
    assert len(found.lines) == 15
    assert abs(found.lines[3] - lr.OPENED_AT - 6.115) < 0.02
    here = lr.OPENED_AT + 11.0
    assert found.next(JumpTo.MARK, here, True) == lr.OPENED_AT + 12.0
    assert found.next(JumpTo.MARK, here, False) is None
    turn = found.next(JumpTo.SPEAKER, here, False)
    assert turn is not None and round(turn - lr.OPENED_AT, 1) == 10.1
    line = found.next(JumpTo.LINE, here, True)
    assert line is not None and 12.0 < line - lr.OPENED_AT < 12.2
    assert found.next(JumpTo.GAP, here, True) is None
    chunks.close()


def test_looks_are_the_figures_of_then(long: Path) -> None:
    index, chunks, seed = built(long)
    at = lr.OPENED_AT + 10.0
    look = next(iter(index.figures.looks(at, at)))
    core = restore(index, chunks, seed, look.at).drive.core
    assert isinstance(core, SessionCore)
    for key, track in core.tracks.items():
        assert abs(look.tracks[key].count - track.count) <= 6
        assert look.tracks[key].last_ms <= (track.last_ms or 0)
    chunks.close()
