"""A strict little reader of OpenMetrics 1.0.0 text, for tests: it refuses what a scraper may refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_VALUE = r'"(?:[^"\\\n]|\\\\|\\"|\\n)*"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{((?:[a-zA-Z_][a-zA-Z0-9_]*={_VALUE},?)+)\}})? (\S+)")
_LABEL = re.compile(rf"([a-zA-Z_][a-zA-Z0-9_]*)=({_VALUE})")
_SUFFIXES = {
    "gauge": {""}, "counter": {"_total", "_created"}, "info": {"_info"},
    "histogram": {"_bucket", "_count", "_sum", "_created"},
}  # fmt: skip


@dataclass
class Family:
    name: str
    kind: str = "unknown"
    unit: str = ""
    help: str = ""
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float] = field(default_factory=dict)

    def value(self, suffix: str = "", **labels: str) -> float:
        return self.samples[suffix, tuple(sorted(labels.items()))]


def parse(text: str) -> dict[str, Family]:
    """Families by name; AssertionError says what the text does wrong."""
    assert text.endswith("# EOF\n") and text.count("# EOF") == 1 and "\r" not in text
    families: dict[str, Family] = {}
    current: Family | None = None
    for line in text.split("\n")[:-2]:
        assert line and line == line.strip(), f"blank or padded line {line!r}"
        if line.startswith("#"):
            current = _describe(line, families, current)
        else:
            _take(line, current)
    for family in families.values():
        _check(family)
    return families


def _describe(line: str, families: dict[str, Family], current: Family | None) -> Family:
    mark, word, name, rest = line.split(" ", 3)
    assert mark == "#" and word in ("TYPE", "UNIT", "HELP") and re.fullmatch(_NAME, name), line
    if current is None or current.name != name:
        assert name not in families, f"{name} is interleaved with others"
        current = families[name] = Family(name)
    assert not current.samples, f"{word} of {name} stands behind its samples"
    key = {"TYPE": "kind", "UNIT": "unit", "HELP": "help"}[word]
    setattr(current, key, rest)
    return current


def _take(line: str, current: Family | None) -> None:
    found = _SAMPLE.fullmatch(line)
    assert found is not None and current is not None, f"not a sample: {line!r}"
    name, labels, value = found.groups()
    suffix = name.removeprefix(current.name)
    assert name.startswith(current.name) and suffix in _SUFFIXES[current.kind], f"{name} is no {current.kind}"
    pairs = [(key, text[1:-1]) for key, text in _LABEL.findall(labels or "")]
    assert len(dict(pairs)) == len(pairs), line
    key = (suffix, tuple(sorted(pairs)))
    assert key not in current.samples, f"twice: {line}"
    current.samples[key] = float(value)


def _check(family: Family) -> None:
    assert not family.unit or family.name.endswith(f"_{family.unit}"), f"{family.name} does not end with its unit"
    if family.kind in ("counter", "histogram"):
        assert all(value >= 0 for value in family.samples.values()), family
    if family.kind == "histogram":
        buckets = [
            (dict(labels)["le"], value) for (suffix, labels), value in family.samples.items() if suffix == "_bucket"
        ]
        limits = [float(limit) for limit, _ in buckets]
        assert limits == sorted(limits) and limits[-1] == float("inf"), buckets
        assert all("." in limit or limit == "+Inf" for limit, _ in buckets), "limits are floats"
        counts = [count for _, count in buckets]
        assert counts == sorted(counts) and counts[-1] == family.value("_count"), family
