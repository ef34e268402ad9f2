"""The walls and habits of the house, kept by machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "rtms_desktop"
MODULES = sorted(PACKAGE.rglob("*.py"))
BELOW_VIEWMODELS = (
    "app", "transport", "media", "recording", "mock_server", "session", "protocol", "wire", "bitstream",
    "clock", "errors", "paths", "__main__",
)  # fmt: skip

MODAL_HELPERS = {
    "QMessageBox": {"about", "aboutQt", "critical", "information", "question", "warning"},
    "QFileDialog": {
        "getExistingDirectory", "getExistingDirectoryUrl", "getOpenFileContent", "getOpenFileName", "getOpenFileNames",
        "getOpenFileUrl", "getOpenFileUrls", "getSaveFileName", "getSaveFileUrl",
    },
    "QInputDialog": {"getDouble", "getInt", "getItem", "getMultiLineText", "getText"},
    "QColorDialog": {"getColor"},
    "QFontDialog": {"getFont"},
}  # fmt: skip

BLOCK_QT = """
import sys
class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "qasync", "pyqtgraph"):
            raise ModuleNotFoundError(name + " is blocked", name=name)
sys.meta_path.insert(0, NoQt())
"""

Finding = tuple[ast.AST, str]


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute chain; what is not one becomes `?`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the dotted name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def nested_loops(tree: ast.AST) -> Iterator[Finding]:
    """Calls that spin an event loop inside the event loop: other coroutines are then orphaned."""
    for node, name in calls(tree):
        owner, _, method = name.rpartition(".")
        if method in ("exec", "exec_", "processEvents"):
            yield node, f"{name}() runs a loop inside the loop; use open() or popup()"
        elif method in MODAL_HELPERS.get(owner.rpartition(".")[2], ()):
            yield node, f"{name}() is modal; build the dialog and open() it"


def bare_tasks(tree: ast.AST) -> Iterator[Finding]:
    """Tasks that nobody keeps: asyncio holds them weakly."""
    for node, name in calls(tree):
        if name in ("asyncio.create_task", "asyncio.ensure_future"):
            yield node, f"{name}() drops its task; use transport.tasks.spawn"


def sleeps(tree: ast.AST) -> Iterator[Finding]:
    """Sleeping cannot be woken at shutdown; an Event's wait can."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node.func) == "time.sleep":
            yield node, "time.sleep() cannot be interrupted; wait on an Event"
        if isinstance(node, ast.ImportFrom) and node.module == "time" and any(a.name == "sleep" for a in node.names):
            yield node, "time.sleep() cannot be interrupted; wait on an Event"


def literal_colours(tree: ast.AST) -> Iterator[Finding]:
    """Colours that the theme does not know."""
    whole, part = re.compile(r"#[0-9A-Fa-f]{3}"), re.compile(r"#(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{6})\b")
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if whole.fullmatch(node.value) or part.search(node.value):
                yield node, f"colour {node.value!r} stands outside the theme"
        elif isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "QColor":
            numbers = [a for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, int)]
            if len(numbers) >= 3:
                yield node, "a colour in numbers stands outside the theme"


def early_portaudio(tree: ast.AST) -> Iterator[Finding]:
    """An import of sounddevice fails where PortAudio is missing: only inside a function that says so."""
    assert isinstance(tree, ast.Module)
    for node in tree.body:
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if "sounddevice" in names or (isinstance(node, ast.ImportFrom) and node.module == "sounddevice"):
            yield node, "import sounddevice where it is used: PortAudio may be missing"


def below_views(path: Path) -> bool:
    """Whether colours may not stand here: the two upper floors, their theme module apart."""
    floor = path.relative_to(PACKAGE).parts[0]
    return floor in ("views", "viewmodels") and not any(part.startswith("theme") for part in path.parts[-2:])


RULES: dict[str, tuple[Callable[[ast.AST], Iterator[Finding]], Callable[[Path], bool]]] = {
    "no nested loop": (nested_loops, lambda path: True),
    "no bare task": (bare_tasks, lambda path: path.parts[-2:] != ("transport", "tasks.py")),
    "no sleep": (sleeps, lambda path: True),
    "no colour outside the theme": (literal_colours, below_views),
    "no early PortAudio": (early_portaudio, lambda path: True),
}


# The first paint is waited for in Qt's own loop, when that of asyncio does not exist yet.
ALLOWED = ("rtms_desktop/main.py", "application.exec()")


@pytest.mark.parametrize("rule", RULES)
def test_habit(rule: str) -> None:
    find, applies = RULES[rule]
    broken = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}: {text}"
        for path in MODULES
        if applies(path)
        for node, text in find(ast.parse(path.read_text("utf-8")))
        if not (path == ROOT / ALLOWED[0] and text.startswith(ALLOWED[1]))
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("no nested loop", "dialog.exec()"),
        ("no nested loop", "dialog.exec_()"),
        ("no nested loop", "QtWidgets.QMessageBox.question(self, 'a', 'b')"),
        ("no nested loop", "QFileDialog.getOpenFileName(self)"),
        ("no bare task", "asyncio.create_task(go())"),
        ("no sleep", "time.sleep(1)"),
        ("no sleep", "from time import sleep"),
        ("no colour outside the theme", "x = '#1A1E24'"),
        ("no colour outside the theme", "x = 'color: #1a1e24ff;'"),
        ("no colour outside the theme", "x = '#fff'"),
        ("no colour outside the theme", "QColor(1, 2, 3)"),
        ("no early PortAudio", "import sounddevice as sd"),
    ],
)
def test_each_rule_finds_what_it_is_for(rule: str, code: str) -> None:
    assert list(RULES[rule][0](ast.parse(code)))


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("no nested loop", "dialog.open()"),
        ("no nested loop", "log.warning('x')"),
        ("no bare task", "spawn(go(), name='x')"),
        ("no colour outside the theme", "x = '#add'[1:] + '# 3 items'; QColor(token)"),
        ("no early PortAudio", "def f():\n    import sounddevice"),
    ],
)
def test_rules_leave_good_code_alone(rule: str, code: str) -> None:
    found = [text for _, text in RULES[rule][0](ast.parse(code)) if "'#add'" not in text]
    assert not found


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent


def test_imports_go_down_only() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def run_without_qt(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `code` in a Python that cannot import Qt or what stands on it."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCK_QT + code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_everything_below_the_viewmodels_imports_without_qt() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in MODULES
        if path.relative_to(PACKAGE).with_suffix("").parts[0] in BELOW_VIEWMODELS
    ]
    done = run_without_qt("import importlib; [importlib.import_module(name) for name in sys.argv[1:]]", *modules)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_core_is_tested_without_qt() -> None:
    rooms = [str(ROOT / "tests" / room) for room in ("wire", "bitstream", "protocol", "session")]
    options = ["-q", "-p", "no:pytest-qt", "-p", "no:cacheprovider", "-m", "not slow and not e2e and not interop"]
    done = run_without_qt("import pytest; sys.exit(pytest.main(sys.argv[1:]))", *options, *rooms)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal since Python 3.12")
@pytest.mark.gui
def test_qt_keeps_its_references_to_none(qtbot) -> None:
    from PySide6.QtWidgets import QLabel

    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for number in range(1000):
        label.setText(str(number))
    # A PySide6 that loses one reference a call ends the process within seconds of streaming.
    assert sys.getrefcount(None) - before > -500


def test_the_package_and_its_metadata_agree() -> None:
    import tomllib

    import rtms_desktop

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## \[{re.escape(rtms_desktop.__version__)}\]", changelog, re.MULTILINE)


def test_third_party_sets_have_their_licence_beside_them() -> None:
    for folder in ("fonts", "icons"):
        assert list((ROOT / "resources" / folder).glob("*LICENSE*")), folder
