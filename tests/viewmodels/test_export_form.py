"""What can be exported, under which name, and what is asked of the desk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from rtms_desktop.app.events import ExportChanged, ExportState
from rtms_desktop.recording.export.options import FillPicture, Format, Gaps
from rtms_desktop.viewmodels.export_form import EACH, EVERYBODY, FORMATS, ExportForm
from rtms_desktop.viewmodels.exports_vm import ExportsViewModel, end_text, progress_text
from rtms_desktop.wire.enums import Medium
from tests.fakes.controller import FakeController
from tests.fakes.exports import CONTENTS

RECORDING = Path("/recordings/20261119T150200Z_a.rtmsrec")


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path / "config")


@pytest.fixture
def form(controller):
    return ExportForm(controller, RECORDING)


def keys(choices):
    return [choice.key for choice in choices]


def test_every_format_has_a_name_and_a_sentence(form):
    assert keys(form.formats()) == list(Format) == list(FORMATS)
    assert all(choice.name and choice.line.endswith(".") and not choice.why_not for choice in form.formats())


def test_what_is_not_in_the_recording_cannot_be_chosen(controller):
    controller.exports.contents = replace(CONTENTS, media=frozenset({Medium.CHAT}))
    form = ExportForm(controller, RECORDING)
    assert form.format is Format.TXT  # the first that can be
    allowed = [choice.key for choice in form.formats() if not choice.why_not]
    assert allowed == [Format.TXT, Format.JSON, Format.HTML]
    form.choose_format("mp4")
    assert "Neither pictures nor sound" in form.why_not()
    form.start()
    assert controller.exports.asked == []


def test_a_recording_that_cannot_be_read_says_so(controller):
    controller.exports.contents = None
    form = ExportForm(controller, RECORDING)
    assert form.subject().startswith("There is no recording") and form.why_not() == form.subject()


def test_the_name_follows_what_is_chosen_until_it_is_a_persons_own(form, controller, tmp_path):
    assert Path(form.target) == tmp_path / "Design review 2026-11-19 1502.mp4"
    form.choose_who("16779264")
    assert Path(form.target).name == "Design review 2026-11-19 1502 Tomás Rivera.mp4"
    form.choose_who(EACH)
    assert Path(form.target).name == "Design review 2026-11-19 1502"
    form.choose_format("vtt")
    assert form.who == EVERYBODY and Path(form.target).name.endswith("1502.vtt")
    form.choose_target(str(tmp_path / "mine.vtt"))
    form.choose_format("srt")
    assert Path(form.target) == tmp_path / "mine.srt"


def test_titles_from_the_wire_make_safe_names(controller, tmp_path):
    controller.exports.contents = replace(CONTENTS, title="../a/b: \x1b[31m<c>\n" + "x" * 300)
    name = Path(ExportForm(controller, RECORDING).target)
    assert name.parent == tmp_path and len(name.name) < 120 and not set(name.name) & set("/\\:<>\x1b\n")


def test_what_is_chosen_is_asked_for(form, controller, tmp_path):
    form.choose_gaps(Gaps.MARK)
    form.choose_black(True)
    form.choose_who("16778240")
    form.start()
    ((recording, options),) = controller.exports.asked
    assert recording == RECORDING and options.out == form.target
    assert (options.format, options.gaps, options.fill_picture, options.user_id, options.span, options.force) == (
        Format.MP4, Gaps.MARK, FillPicture.BLACK, 16778240, None, False,
    )  # fmt: skip
    assert controller.settings.values.exports == str(tmp_path)
    form.choose_format("wav")
    form.choose_who(EACH)
    form.start(replace=True)
    options = controller.exports.asked[-1][1]
    assert options.out.endswith("/") and options.user_id is None and options.force
    assert options.fill_picture is FillPicture.LAST


def test_a_report_has_no_choices(form, controller):
    form.choose_gaps(Gaps.CLOSE)
    form.choose_format("html")
    assert not form.people() and not form.gap_choices() and not form.can_be_black
    form.start()
    assert controller.exports.asked[-1][1].gaps is Gaps.FILL


def test_the_loop_of_the_open_recording_can_be_exported(controller):
    units = SimpleNamespace(server_ms=lambda at: at * 1000 + 5)
    source = SimpleNamespace(bundle=RECORDING, tape=None, units=units)
    controller.session = SimpleNamespace(is_replay=True, source=source, opened_at=100.0, loop_ms=(1000.0, 3000.0))
    form = ExportForm(controller, RECORDING)
    assert form.only_part and [choice.name for choice in form.part_choices()][1] == "The loop from A to B, 00:02"
    form.start()
    assert controller.exports.asked[-1][1].span == (101_005, 103_005)
    assert Path(form.target).name.endswith("part.mp4")
    form.choose_format("html")
    assert not form.only_part and form.part_choices()[1].why_not
    assert ExportForm(controller, Path("/other.rtmsrec")).part_choices() == []


@pytest.mark.parametrize(
    ("target", "says"),
    [("", "Say where"), ("film.mp4", "no folder"), ("/nowhere/at/all/film.mp4", "no folder"), ("{tmp}", "is a folder")],
)
def test_places_that_cannot_be(form, tmp_path, target, says):
    form.choose_target(target.format(tmp=tmp_path))
    assert says in form.why_not()


def test_what_would_be_replaced(form, tmp_path):
    assert form.replaces() == ""
    Path(form.target).write_text("mine")
    assert form.replaces() == Path(form.target).name
    form.choose_format("wav")
    form.choose_who(EACH)
    Path(form.target).mkdir()
    assert form.replaces() == ""
    (Path(form.target) / "mixed.wav").write_text("mine")
    assert "files of the same names" in form.replaces()


def test_the_job_is_followed_and_forgotten_when_something_else_is_wanted(form, controller):
    form.start()
    controller.exports.go(1, 0.5, 20)
    assert form.job.progress == 0.5
    form.cancel()
    assert controller.exports.cancelled == [1] and form.job.state is ExportState.CANCELLED
    form.choose_format("txt")
    assert form.job is None
    form.cancel()
    assert controller.exports.cancelled == [1]


def test_progress_and_end_in_words(controller, tmp_path):
    model, ended = ExportsViewModel(controller), []
    model.ended.connect(ended.append)
    assert model.figure() is None
    form = model.form(RECORDING)
    form.start()
    job = form.job
    assert progress_text(job) == "waits for the export before it"
    texts = {(0.01, 9): "1 %", (0.5, 0.2): "50 %", (0.42, 14): "42 %, about 19 s left",
             (0.9, 9): "90 %, a few seconds left", (0.02, 60): "2 %"}  # fmt: skip
    for (progress, seconds), text in texts.items():
        controller.exports.go(1, progress, seconds)
        assert progress_text(form.job) == text
    form.start()
    assert (model.figure().value, model.figure().note) == ("2%", "1 waiting")
    written = tmp_path / "a.mp4"
    written.write_bytes(b"x" * 2000)
    controller.exports.end(1, written=(written,))
    assert [end_text(event) for event in ended] == ["Saved a.mp4, 2.0 kB"]
    controller.exports.cancel(2)
    assert end_text(ended[-1]) == "Cancelled. Nothing was written."
    failed = ExportChanged(
        number=3, recording=RECORDING, title="", format="mp4", out=tmp_path, state=ExportState.FAILED,
        what="the disk is full", why="no space left",
    )  # fmt: skip
    assert end_text(failed) == "The disk is full: no space left."
    several = replace(failed, state=ExportState.DONE, written=(tmp_path / "x" / "a", tmp_path / "x" / "b"))
    assert end_text(several) == "Saved 2 files in x"
