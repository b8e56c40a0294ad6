"""The architecture holds: the same files in every feature, nothing waits in them, names on the wire never change."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from bot.core.action import action_type, wire_names
from bot.core.registry import Registry
from bot.features import FEATURES

FOLDERS = sorted(p for p in Path("bot/features").iterdir() if p.is_dir() and not p.name.startswith("_"))
MODULES = sorted(path for folder in ("bot", "storage", "bench") for path in Path(folder).glob("**/*.py"))
TESTS = sorted(Path("tests").glob("**/*.py"))
PARTS = ("actions", "service", "views", "handlers")
LINES = 340  # about 300
SLEEPS = {
    Path("bench/schedules.py"): "it waits for a real minute, and looks at a database that other processes write",
    Path("storage/groups.py"): "SQLite tells nobody when another process has written",
    Path("tests/storage/test_database.py"): "units of work that take time are what it tests",
}
GENERATED = Path("storage/migrations/versions")
WIRE_NAMES = Path("tests/wire_names.txt")
NOT_NEEDED_TO_RUN = {"alembic", "holidays", "hypothesis", "numpy", "pytest", "rich", "scipy", "typer"}


def ours(folder):
    return [path for path in MODULES if path.is_relative_to(folder) and not path.is_relative_to(GENERATED)]


@cache
def tree(path):
    return ast.parse(path.read_text())


@cache
def nodes(path):
    return list(ast.walk(tree(path)))


def feature_part(folder, part):
    """The files of a feature's views, say: a module or a package."""
    module = folder / f"{part}.py"
    return [module] if module.exists() else sorted((folder / part).glob("*.py"))


def calls(path):
    """Every call in a module, by the last word of its name."""
    for node in nodes(path):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def constant(module, name):
    """The text a name stands for: a constant of the module, or of the one beside it that the name is taken from."""
    beside, _dot, name = name.rpartition(".")
    source = module.with_name(f"{beside}.py") if beside else module
    assigned = [node for node in tree(source).body if isinstance(node, ast.Assign)]
    return next(text_of(node.value) for node in assigned if ast.unparse(node.targets[0]) == name)


def of_parley():
    """The wire names of Parley's own actions; other tests have theirs."""
    return {name for name in wire_names() if action_type(name).__module__.startswith("bot.")}


def text_of(node):
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


# Features


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_feature_has_its_parts_its_tables_and_its_tests(folder):
    assert (folder / "__init__.py").exists()
    for part in PARTS:
        assert feature_part(folder, part), f"{folder.name} has no {part}"
    assert Path(f"storage/{folder.name}.py").exists()
    tests = Path(f"tests/features/test_{folder.name}")
    assert tests.with_suffix(".py").exists() or list(tests.glob("test_*.py"))


def test_every_feature_is_listed_and_called_as_its_folder():
    assert sorted(feature.name for feature in FEATURES) == [path.name for path in FOLDERS]


@pytest.mark.parametrize("module", [p for folder in FOLDERS for p in feature_part(folder, "views")], ids=str)
def test_views_are_pure(module):
    """No session, no query: of storage they know what rows look like, so they import classes and constants only."""
    words = {node.id for node in nodes(module) if isinstance(node, ast.Name)}
    assert not words & {"Session", "Context"}
    for node in nodes(module):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("storage"):
            functions = [alias.name for alias in node.names if alias.name.islower()]
            assert not functions, f"{module} imports {functions} of {node.module}"
        assert not (isinstance(node, ast.Attribute) and node.attr == "session"), f"{module}:{node.lineno}"


def test_features_rules_and_queries_are_synchronous():
    threads = {Path("storage/database.py"), Path("storage/units.py"), Path("storage/migrate.py")}
    waiting = (ast.AsyncFunctionDef, ast.AsyncWith, ast.AsyncFor, ast.Await)
    modules = {*ours("bot/features"), *ours("bot/rules"), *ours("storage")} - threads
    assert not [m for m in sorted(modules) if any(isinstance(node, waiting) for node in nodes(m))]


def test_services_never_commit():
    for module in ours("bot/features"):
        assert not {"commit", "rollback"} & {name for name, _ in calls(module)}, module


# What is on the wire


def test_wire_names_only_grow():
    """`tests/wire_names.txt` lists what buttons may carry that were posted by any release; add to it, take nothing."""
    released = set(WIRE_NAMES.read_text().split())
    assert released <= of_parley(), "a button somewhere still carries this name"
    assert of_parley() <= released, f"add to {WIRE_NAMES}: {sorted(of_parley() - released)}"


def test_every_action_has_one_handler():
    handled = [action for feature in FEATURES for action in feature.actions]
    assert {action.name for action in handled} == of_parley()
    assert len(handled) == len(set(handled))


def test_an_action_is_named_after_its_feature():
    for feature in FEATURES:
        for action in feature.actions:
            assert action.name.startswith(f"{feature.name}."), action


def test_features_link_to_actions_that_exist_with_fields_they_have():
    linked = 0
    for module in ours("bot/features"):
        for name, node in calls(module):
            if name == "of" and node.args and (wire_name := text_of(node.args[0])):
                linked += 1
                fields = action_type(wire_name).model_fields
                given = {keyword.arg for keyword in node.keywords if keyword.arg}
                assert given <= set(fields), f"{module}:{node.lineno} gives {given - set(fields)} to {wire_name}"
    assert linked >= 3, "the links are no longer found; the test above is blind"


def test_every_card_that_is_posted_can_be_drawn():
    """By subject: what is posted without a message of its own is drawn by a card view when it is sent."""
    known = {subject for feature in FEATURES for subject in feature.cards}
    posted = set()
    for module in ours("bot"):
        for name, node in calls(module):
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            subject = keywords.get("subject")
            if name == "post" and len(node.args) == 1 and isinstance(subject, ast.Tuple):
                word = subject.elts[0]
                posted.add(text_of(word) or constant(module, ast.unparse(word)))
    assert posted
    assert posted <= known


def test_every_type_ahead_field_has_its_lookup():
    registry = Registry(FEATURES)
    asked = set()
    for module in ours("bot/features"):
        for name, node in calls(module):
            if name == "LookupField":
                asked |= {text_of(keyword.value) for keyword in node.keywords if keyword.arg == "lookup"}
    assert asked
    assert all(registry.lookup(lookup) for lookup in asked)


# Storage


def test_every_table_but_the_workspace_belongs_to_a_workspace():
    without = {name for name, table in SQLModel.metadata.tables.items() if "workspace_id" not in table.columns}
    assert without == {"workspace"}


# Every module


def test_a_module_opens_with_what_it_is_for():
    """The first thing it says is a sentence."""

    def is_told(module):
        return (ast.get_docstring(tree(module)) or "").split("\n\n")[0].rstrip().endswith(".")

    silent = [module for module in [*MODULES, *(path for path in TESTS if path.read_text())] if not is_told(module)]
    assert not silent, "these say nothing of themselves"


def test_a_module_is_short_enough_to_be_read():
    lines = {module: len(module.read_text().splitlines()) for module in MODULES}
    long = {module: n for module, n in lines.items() if n > LINES and not module.is_relative_to(GENERATED)}
    assert not long


def broken_rules(module):
    """The house rules that it breaks."""
    source = module.read_text()
    forbidden = {
        "unfinished work": r"\b(TODO|FIXME|XXX)\b",
        "a type: ignore that does not say which": r"# type: ignore(?!\[)",
        "a noqa that does not say which": r"# noqa(?!: ?[A-Z])",
    }
    if module.is_relative_to("tests"):
        forbidden |= {"a patched function": r"\bmock\.patch|@patch\b|unittest\.mock"}
    if module != Path(__file__).relative_to(Path.cwd()):
        yield from (what for what, pattern in forbidden.items() if re.search(pattern, source))
    sleeps = any(ast.unparse(node.func) in ("time.sleep", "sleep") for name, node in calls(module) if name == "sleep")
    if sleeps != (module in SLEEPS):
        yield "it waits for time to pass"


def test_modules_keep_the_house_rules():
    assert not {module: broken for module in [*MODULES, *TESTS] if (broken := [*broken_rules(module)])}


def test_there_is_no_module_for_what_has_no_place():
    assert not {path.stem for path in MODULES} & {"utils", "util", "helpers", "common", "manager", "base", "misc"}


def test_the_running_server_imports_nothing_it_does_not_need():
    script = "import bot.app, sys; print(*{name.split('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not NOT_NEEDED_TO_RUN & set(run.stdout.split())
