"""``make mutation``: change the business rules in one place at a time, and see whether a test fails.

python -m tests.mutation [--every N] [--again] [MODULE-PREFIX ...]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from collections import Counter
from itertools import accumulate
from pathlib import Path
from typing import Any

import django.db.models

from tests.mutation.mutants import PROJECT, Mutant, equivalent, modules, mutants_of
from tests.mutation.session import (
    BROKEN,
    COLD,
    KILLED,
    NO_TEST,
    PATIENCE,
    SURVIVED,
    TIMED_OUT,
    TIMES,
    WARMING,
    Session,
    cold,
    forked,
    map_tests,
    run_pytest,
    warm,
)

FOLDER = PROJECT / "var" / "mutation"


class Results:
    """What became of each mutant, a line of JSON each; later lines hold."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "results.jsonl"
        lines = self.file.read_text("utf-8").splitlines() if self.file.exists() else []
        self.found: dict[tuple[str, str, str], dict[str, Any]] = {}
        for line in lines:
            self._keep(json.loads(line))
        self.killers: Counter[tuple[str, str]] = Counter()

    def _keep(self, each: dict[str, Any]) -> None:
        self.found[each["module"], each["operator"], each["change"]] = each

    def of(self, mutant: Mutant) -> str:
        return self.found.get((mutant.module, mutant.operator, mutant.change), {}).get("outcome", "")

    def add(self, mutant: Mutant, said: str, seconds: float, tests: int) -> None:
        outcome, _, by = said.partition("\n")
        if by:
            self.killers[mutant.module, by] += 1
        found = {
            "module": mutant.module,
            "line": mutant.line,
            "operator": mutant.operator,
            "change": mutant.change,
            "outcome": outcome,
            "by": by,
            "seconds": round(seconds, 2),
            "tests": tests,
        }
        self._keep(found)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found, ensure_ascii=False) + "\n")


class Tests:
    """Which tests a mutant is shown to: those that run its line, quickest first, those before all that noticed others."""

    def __init__(self, folder: Path, results: Results, most: float) -> None:
        self.most = most
        found = json.loads((folder / "map.json").read_text())
        self.seconds, self.lines, self.imported = found["seconds"], found["lines"], found["imported"]
        self.results = results

    def of(self, mutant: Mutant) -> list[str]:
        lines = self.lines.get(mutant.module, {})
        first, last = mutant.statement
        app = mutant.module.partition("/")[0]
        names = {name for line in range(first, last + 1) for name in lines.get(str(line), ())}
        if not mutant.path:
            names = {name for found in lines.values() for name in found}
            names |= {name for name in self.seconds if name.startswith(f"tests/{app}/")}
        noticed = self.results.killers
        ordered = sorted(names, key=lambda name: (-noticed[mutant.module, name], app not in name, self.seconds[name]))
        until = accumulate(self.seconds[name] for name in ordered)
        return [name for name, seconds in zip(ordered, until, strict=True) if seconds <= self.most]

    def is_imported(self, mutant: Mutant) -> bool:
        """Return whether an import runs the line: then what it made may be as it was."""
        return str(mutant.line) in self.imported.get(mutant.module, ())

    def patience(self, names: list[str]) -> float:
        return PATIENCE + TIMES * sum(self.seconds[name] for name in names)


def try_warm(mutants: list[Mutant], tests: Tests, results: Results) -> list[Mutant]:
    """Try mutants in forks of a warm session; return those that an import runs."""
    left: list[Mutant] = []

    def work(session: Session) -> None:
        django.db.connections.close_all()
        for mutant in mutants:
            names = tests.of(mutant)
            if not names and mutant.path:
                results.add(mutant, NO_TEST, 0, 0)
                continue
            job = warm(session, mutant, names)
            if job is None:
                left.append(mutant)
                continue
            said, seconds = forked(job, tests.patience(names))
            if said == SURVIVED and tests.is_imported(mutant):
                left.append(mutant)
            else:
                results.add(mutant, said, seconds, len(names))

    files = dict.fromkeys(name.partition("::")[0] for mutant in mutants for name in tests.of(mutant))
    run_pytest(Session(work, tests.seconds), [WARMING, *files])
    return left


def report(results: Results, mutants: list[Mutant]) -> None:
    """Print the figures, app by app, and what survived."""
    excused = equivalent()
    counts: dict[str, Counter[str]] = {}
    survivors = []
    for mutant in mutants:
        outcome = results.of(mutant)
        if outcome in (SURVIVED, NO_TEST) and (mutant.module, mutant.change) in excused:
            outcome = "equivalent"
        counts.setdefault(mutant.module.partition("/")[0], Counter())[outcome or "not run"] += 1
        if outcome in (SURVIVED, NO_TEST):
            survivors.append(f"{mutant.module}:{mutant.line} [{outcome}] {mutant.operator}\n    {mutant.change}")
    print(*survivors, sep="\n")
    total = sum(counts.values(), Counter())
    for app, count in [*counts.items(), ("all", total)]:
        noticed, missed = count[KILLED] + count[TIMED_OUT], count[SURVIVED] + count[NO_TEST]
        score = 100 * noticed / (noticed + missed) if noticed + missed else 0
        print(f"{app}: {score:.1f} %", dict(sorted(count.items())))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", help="only modules whose path begins so")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="every N-th mutant, as a sample")
    parser.add_argument(
        "--map", nargs="*", metavar="PATH", help="write down which test runs which lines: all, or these"
    )
    parser.add_argument("--again", action="store_true", help="try again what survived")
    parser.add_argument(
        "--seconds", type=float, default=20, help="of tests that each is shown to, as they take without it"
    )
    parser.add_argument("--report", action="store_true", help="run nothing, print what was found")
    given = parser.parse_args()
    os.chdir(PROJECT)
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [module for module in modules() if module.startswith(tuple(given.modules) or "")]
    mutants = [mutant for module in chosen for mutant in mutants_of(module)][:: given.every]
    if not given.report:
        run(mutants, FOLDER, given)
    report(Results(FOLDER), mutants)


def run(mutants: list[Mutant], folder: Path, given: argparse.Namespace) -> None:
    """Try those mutants that have no result yet."""
    is_mapped = (folder / "map.json").exists() and given.map is None
    if not is_mapped and _fork(lambda: map_tests(modules(), folder, given.map or [])):
        sys.exit(1)
    results = Results(folder)
    again = (SURVIVED, NO_TEST) if given.again else ()
    todo = [mutant for mutant in mutants if results.of(mutant) in ("", COLD, BROKEN, *again)]
    tests = Tests(folder, results, given.seconds)

    def warmly() -> None:
        for mutant in try_warm(todo, tests, results):
            results.add(mutant, COLD, 0, 0)

    _fork(warmly)
    results = Results(folder)
    tests = Tests(folder, results, given.seconds)
    for mutant in todo:
        if results.of(mutant) == COLD:
            names = tests.of(mutant)
            said, seconds = forked(cold(mutant, names), 5 + tests.patience(names)) if names else (NO_TEST, 0)
            results.add(mutant, said, seconds, len(names))


def _fork(work: Any) -> int:
    """Do work in a process of its own, so that this one imports nothing of ours; return how it ended."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            work()
        except SystemExit as ended:
            print(ended, file=sys.stderr)
            os._exit(1)
        except BaseException:  # noqa: BLE001 - the process ends here in any case
            traceback.print_exc()
            os._exit(1)
        sys.stdout.flush()
        os._exit(0)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    main()
