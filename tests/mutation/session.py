"""A session of pytest that is warm: everything is imported, tables are made, tests are collected; each mutant is a fork of it.

A mutant is put into the live functions. What an import has run already can't be changed that way: it is run anew
(:func:`cold`), with the changed module in place of the file's.
"""

from __future__ import annotations

import functools
import gc
import importlib.abc
import importlib.util
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.db import connections

from tests.mutation.mutants import PROJECT, SETTINGS, Mutant, read

KILLED, SURVIVED, TIMED_OUT, NOT_IMPORTED, NO_TEST, COLD = (
    "killed",
    "survived",
    "timed out",
    "not imported",
    "no test",
    "cold",
)
#: Seconds of the processor that a test may take on a mutant: these, and five times what it takes without.
PATIENCE, TIMES = 10, 5
#: A test of no app, which has the tables made.
WARMING = "tests/mutation/test_warm.py"


#: No test said anything: something here went wrong.
BROKEN = "broken"


class Session:
    """The plugin: instead of running the tests it runs, forked, whatever is asked of it with some of them."""

    def __init__(self, work: Callable[[Session], None], seconds: dict[str, float]) -> None:
        self.work, self.seconds = work, seconds
        self.items: dict[str, pytest.Item] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        calm()
        self.items = {item.nodeid: item for item in session.items}
        warming = next(item for name, item in self.items.items() if name.startswith(WARMING))
        _functions(), _kept()
        runtestprotocol(warming, log=False, nextitem=session.items[-1])
        self.work(self)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
        return without_words(item, call)

    def run(self, names: Iterable[str]) -> str | None:
        """Run tests one after the other; return the name of the first that fails."""
        items = [self.items[name] for name in names]
        for item, following in zip(items, [*items[1:], None], strict=True):
            signal.setitimer(signal.ITIMER_PROF, PATIENCE + TIMES * self.seconds.get(item.nodeid, 1))
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                return item.nodeid
        return None


def without_words(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
    """Return the report of a test that fails, without a word about why: those take longest."""
    if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception) or item.get_closest_marker("xfail"):
        return None
    return pytest.TestReport(item.nodeid, item.location, {}, "failed", "", call.when, duration=call.duration)


def calm() -> None:
    """Have generated tests try few examples, always the same ones."""
    from hypothesis import Phase, settings

    phases = (Phase.explicit, Phase.generate)  # whatever fails is enough: it needs not be made small
    settings.register_profile(
        "mutation", deadline=None, max_examples=10, derandomize=True, database=None, phases=phases
    )
    settings.load_profile("mutation")


def run_pytest(plugin: Any, paths: Iterable[str]) -> int:
    """Run pytest in this process."""
    return int(
        pytest.main(
            [*paths, "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-x", "--no-header", "--assert=plain"],
            plugins=[plugin],
        )
    )


def forked(work: Callable[[], str], seconds: float) -> tuple[str, float]:
    """Return what work says in a fork, or that it took more of the processor than it may; and how much it took."""
    reading, writing = os.pipe()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    child = os.fork()
    if not child:
        os.close(reading)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            said = work()
        except BaseException as problem:  # noqa: BLE001 - it is told, and counts for nothing
            said = f"{BROKEN}\n{type(problem).__name__}: {problem}"
        os.write(writing, said.encode()[:4000])
        os._exit(0)
    os.close(writing)
    said = _until_it_ends(reading, child, 30 * seconds)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return said or TIMED_OUT, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _until_it_ends(reading: int, child: int, seconds: float) -> str:
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return said


def warm(session: Session, mutant: Mutant, names: list[str]) -> Callable[[], str] | None:
    """Return what runs the tests on a mutant in a fork of this process; None where no live function can be changed."""
    pairs = _codes(mutant)
    if not pairs:
        return None
    here = _functions().get(str(PROJECT / mutant.module), [])

    def work() -> str:
        for old, new in pairs:
            for function in here:
                if function.__code__ == old:
                    function.__code__ = new
        forget()
        own_database()
        failed = session.run(names)
        return f"{KILLED}\n{failed}" if failed else SURVIVED

    return work


def _codes(mutant: Mutant) -> list[tuple[CodeType, CodeType]]:
    """Return the functions around a mutant as they are and as they are changed, outermost first."""
    if not mutant.path:
        return []
    filename = str(PROJECT / mutant.module)
    old, new = compile(read(mutant.module), filename, "exec"), compile(mutant.source, filename, "exec")
    pairs: list[tuple[CodeType, CodeType]] = []
    while True:
        inner = list(zip(_inner(old), _inner(new), strict=False))
        different = [(one, other) for one, other in inner if _text(one) != _text(other)]
        if len(different) != 1 or len(_inner(old)) != len(_inner(new)):
            break
        old, new = different[0]
        if not old.co_flags & 0x2 or old.co_freevars != new.co_freevars:  # a class's body, or other closures
            if old.co_freevars != new.co_freevars:
                return []
            continue
        pairs.append((old, new))
    functions = [pair for pair in pairs if not pair[0].co_name.startswith("<") or pair[0].co_name == "<lambda>"]
    return functions if len(functions) == len(mutant.path) else []


def _inner(code: CodeType) -> list[CodeType]:
    return [each for each in code.co_consts if isinstance(each, CodeType)]


def _text(code: CodeType) -> Any:
    return (
        code.co_code,
        code.co_names,
        [_text(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts],
    )


@functools.cache
def _functions() -> dict[str, list[FunctionType]]:
    """Return all functions there are when it is first asked, by their files."""
    found: dict[str, list[FunctionType]] = {}
    for each in _objects():
        if type(each) is FunctionType:
            found.setdefault(each.__code__.co_filename, []).append(each)
    return found


@functools.cache
def _kept() -> list[Any]:
    """Return our functions that keep what they gave."""
    ours = {module.partition("/")[0] for module in os.listdir(PROJECT)}
    found = [each for each in _objects() if type(each) is functools._lru_cache_wrapper]
    return [each for each in found if str(getattr(each, "__module__", "")).partition(".")[0] in ours - {"tests"}]


def _objects() -> list[Any]:
    gc.unfreeze()  # what is frozen isn't found
    return gc.get_objects()


def forget() -> None:
    """Empty what functions have kept."""
    for each in _kept():
        each.cache_clear()


def own_database() -> None:
    """Go on with a copy of the database, for this process alone."""
    settings = connections["default"].settings_dict
    copy = Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") / f"mutant-{os.getppid()}.sqlite3"
    copy.write_bytes(Path(settings["NAME"]).read_bytes())
    for suffix in ("-wal", "-shm"):
        copy.with_name(copy.name + suffix).unlink(missing_ok=True)
    settings["NAME"] = str(copy)


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module as it is when changed."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant, self.problem = mutant, ""
        self.name = mutant.module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        where = str(PROJECT / self.mutant.module)
        return importlib.util.spec_from_file_location(fullname, where, loader=self)

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.source, str(PROJECT / self.mutant.module), "exec"), module.__dict__)  # noqa: S102 - our own module


class Chosen:
    """The plugin that runs chosen tests until one fails, quickest first."""

    def __init__(self, names: list[str]) -> None:
        self.names, self.failed, self.ran = names, "", False

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        calm()
        self.ran = True
        items[:] = [found for name in self.names for found in items if found.nodeid == name]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
        return without_words(item, call)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = report.nodeid


def cold(mutant: Mutant, names: list[str]) -> Callable[[], str]:
    """Return what runs the tests on a mutant in a process that has imported nothing of ours."""

    def work() -> str:
        sys.meta_path.insert(0, Changed(mutant))
        chosen = Chosen(names)
        files = list(dict.fromkeys(name.partition("::")[0] for name in names))
        status = run_pytest(chosen, files)
        if not chosen.ran:
            return NOT_IMPORTED
        return f"{KILLED}\n{chosen.failed}" if status else SURVIVED

    return work


class Mapping:
    """The plugin that writes down which test runs which lines, and how long it takes."""

    def __init__(self, coverage: Any) -> None:
        self.coverage = coverage
        self.seconds: dict[str, float] = {}

    def pytest_collection_modifyitems(self) -> None:
        calm()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        forget()
        self.coverage.switch_context(item.nodeid)
        began = time.process_time()
        result = yield
        self.seconds[item.nodeid] = time.process_time() - began
        self.coverage.switch_context("")
        return result


def map_tests(modules: list[str], where: Path, tests: list[str]) -> None:
    """Run tests once, and write down what they run; what is known of others stays."""
    from coverage import Coverage

    coverage = Coverage(data_file=None, include=[str(PROJECT / module) for module in modules])
    mapping = Mapping(coverage)
    coverage.start()
    status = run_pytest(mapping, tests or SETTINGS["tests"])
    coverage.stop()
    if status:
        sys.exit("Tests fail without any change: mend them first.")
    file, data = where / "map.json", coverage.get_data()
    known: dict[str, Any] = json.loads(file.read_text()) if tests and file.exists() else {}
    seconds = known.get("seconds", {}) | mapping.seconds
    lines, imported = known.get("lines", {}), known.get("imported", {})
    for module in modules:
        of_module, on_import = lines.setdefault(module, {}), set(imported.get(module, ()))
        for line, names in data.contexts_by_lineno(str(PROJECT / module)).items():
            on_import |= {str(line)} if "" in names else set()
            of_module[str(line)] = sorted({*of_module.get(str(line), ()), *filter(None, names)})
        imported[module] = sorted(on_import)
    file.write_text(json.dumps({"seconds": seconds, "lines": lines, "imported": imported}))
