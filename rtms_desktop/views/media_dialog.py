"""How media are asked for: codecs, sizes and rates; only what goes together can be chosen. Main thread."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QGridLayout, QSizePolicy, QWidget

from rtms_desktop.app import media_choice as choice
from rtms_desktop.session.config import DEFAULT_PARAMS
from rtms_desktop.viewmodels.languages import LANGUAGES
from rtms_desktop.viewmodels.start_vm import StartViewModel, codec_name
from rtms_desktop.views.dialogs import Dialog
from rtms_desktop.views.theme import Space
from rtms_desktop.views.widgets import button, label
from rtms_desktop.wire.enums import Channel, Codec, DataOpt, Resolution, SampleRate

WIDTH, BOX = 660, 212
_PLACES = {"audio": (0, 0), "video": (0, 2), "share": (5, 0), "transcript": (5, 2)}
_ONLY = ("This codec has only this one", "Choose a language first")
_FIXED = QSizePolicy.Policy.Fixed
_OPTS = {
    DataOpt.AUDIO_MULTI: "Each speaker apart", DataOpt.AUDIO_MIXED: "One mix of all",
    DataOpt.VIDEO_SINGLE_ACTIVE: "Whoever speaks", DataOpt.VIDEO_SINGLE_INDIVIDUAL: "One person, chosen among People",
}  # fmt: skip


class MediaDialog(Dialog):
    """``boxes``: by group and field. Changes apply at once to the next connection; Done only closes."""

    def __init__(self, model: StartViewModel, parent: QWidget | None = None) -> None:
        super().__init__("Media", parent)
        self._model = model
        self.boxes: dict[tuple[str, str], QComboBox] = {}
        self.setMinimumWidth(WIDTH)
        self.body.addWidget(label("Media", "t1", "title"))
        line = label("What the next connection asks for. A server may grant something else; the Events say so.", "t2")
        line.setWordWrap(True)
        self.body.addWidget(line)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.M)
        self.body.addLayout(self._grid)
        for group, head, fields in (
            ("audio", "Audio", ("data_opt", "codec", "sample_rate", "channel")),
            ("video", "Video", ("data_opt", "codec", "resolution", "fps")),
            ("share", "Share", ("codec", "resolution", "fps")),
            ("transcript", "Transcript", ("src_language", "enable_lid")),
        ):
            self._add(group, head, fields)
        self.usual = button("Usual values", kind="flat", clicked=lambda: model.set_params(DEFAULT_PARAMS))
        self.foot.insertWidget(0, self.usual)
        self.add_close("Done")
        model.changed.connect(self._show)
        self._show()

    def _add(self, group: str, head: str, fields: tuple[str, ...]) -> None:
        row, column = _PLACES[group]
        title = label(head, "t1", "strong")
        title.setContentsMargins(Space.L if column else 0, Space.M, 0, 0)
        self._grid.addWidget(title, row, column, 1, 2)
        names = {"data_opt": "What", "codec": "Codec", "sample_rate": "Rate", "channel": "Channels",
                 "resolution": "Size", "fps": "Pictures", "src_language": "Language",
                 "enable_lid": "Others"}  # fmt: skip
        for number, field in enumerate(fields, row + 1):
            box = QComboBox()
            box.setFixedWidth(BOX)
            box.setSizePolicy(_FIXED, _FIXED)
            box.setAccessibleName(f"{head}: {names[field]}")
            box.activated.connect(lambda index, group=group, field=field: self._chosen(group, field, index))
            name = label(names[field], "t2", "dense")
            name.setContentsMargins(Space.L if column else 0, 0, 0, 0)
            self._grid.addWidget(name, number, column)
            self._grid.addWidget(box, number, column + 1)
            self.boxes[group, field] = box

    def _chosen(self, group: str, field: str, index: int) -> None:
        params = self._model.params
        wanted = {field: self.boxes[group, field].itemData(index)}
        changed = msgspec.structs.replace(getattr(params, group), **wanted)
        self._model.set_params(msgspec.structs.replace(params, **{group: changed}))

    def _show(self) -> None:
        params = self._model.params
        for (group, field), box in self.boxes.items():
            now = getattr(params, group)
            offered = _offered(group, field, now)
            with QSignalBlocker(box):
                box.clear()
                for value, text in offered:
                    box.addItem(text, value)
                box.setCurrentIndex([value for value, _ in offered].index(getattr(now, field)))
            box.setEnabled(len(offered) > 1)
            box.setToolTip("" if len(offered) > 1 else _ONLY[field == "enable_lid"])


def _offered(group: str, field: str, now: Any) -> list[tuple[int | None, str]]:
    match field:
        case "src_language":
            return [(None, "Any, English first"), *LANGUAGES]
        case "enable_lid":
            only = [] if now.src_language is None else [(False, "Are not looked for")]
            return [(None, "Are noticed after a while"), *only]
        case "data_opt":
            return [(int(opt), _OPTS[opt]) for opt in (choice.AUDIO_OPTS if group == "audio" else choice.VIDEO_OPTS)]
        case "codec":
            return [
                (int(codec), codec_name(codec)) for codec in (choice.AUDIO if group == "audio" else choice.PICTURES)
            ]
        case "sample_rate":
            rates = choice.AUDIO[Codec(now.codec)][0]
            return [(int(rate), f"{SampleRate(rate).hz // 1000} kHz") for rate in rates]
        case "channel":
            names = {Channel.MONO: "mono", Channel.STEREO: "stereo"}
            return [(int(channel), names[channel]) for channel in choice.AUDIO[Codec(now.codec)][1]]
        case "resolution":
            sizes = choice.VIDEO_SIZES if group == "video" else choice.SHARE_SIZES
            return [(int(size), "{}×{}".format(*Resolution(size).size)) for size in sizes]
    rates_now = sorted({*(rate for rate in choice.RATES if rate <= choice.max_fps(now.codec)), now.fps})
    return [(rate, f"{rate} a second") for rate in rates_now]
