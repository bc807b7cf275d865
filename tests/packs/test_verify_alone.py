"""verify.py in a folder that somebody else has filled: nothing beside it runs, and it says how to run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from packs import verify
from tests.packs.test_verify import pythons

LIE = "print('Origin proved: all is well.')\nimport os\nos._exit(0)\n"


@pytest.fixture
def shadowed(copy: Path) -> Path:
    """A pack beside whose verify.py lies a file for every module that Python brings."""
    for name in {*sys.stdlib_module_names, "sitecustomize", "usercustomize"}:
        (copy / "data" / f"{name}.py").write_text(LIE)
        (copy / f"{name}.py").write_text(LIE)
    return copy


def said(folder: Path, python: str, *options: str, **environment: str) -> tuple[int, str]:
    """Exit code, and everything that checking the folder prints, from within it."""
    command = [python, *options, "data/verify.py", "."]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | environment
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("python", pythons())
@pytest.mark.parametrize("options", [(), ("-S",), ("-E", "-s"), ("-B", "-q")])
def test_a_file_beside_it_never_runs_and_it_says_how_to_be_run(
    shadowed: Path, python: str, options: tuple[str, ...]
) -> None:
    code, printed = said(shadowed, python, *options)
    assert "Origin proved" not in printed
    assert code == 2 and printed.startswith("Nothing was checked. Run this with -I:  python3 -I verify.py")


@pytest.mark.parametrize("python", pythons())
def test_run_as_the_papers_say_it_names_the_files_that_were_put_there(shadowed: Path, python: str) -> None:
    code, printed = said(shadowed, python, "-I", PYTHONPATH=str(shadowed))
    assert code == 1 and printed.startswith("Origin not proved, and something is wrong with this pack.")
    assert "Wrong: 'data/__future__.py' is not listed in manifest-sha256.txt." in printed


def test_without_isolation_it_looks_at_no_pack(bag: Path) -> None:
    assert said(bag, sys.executable)[0] == 2
    assert said(bag, sys.executable, "-I")[0] == 0


def test_a_tool_that_lies_in_the_folder_is_not_run(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows looks for programs in the current folder first; elsewhere a dot in PATH does so."""
    for tool in ("openssl", "pdfsig"):
        (copy / tool).write_text("#!/bin/sh\ntouch ran\n")
        (copy / tool).chmod(0o755)
    monkeypatch.chdir(copy)
    monkeypatch.setenv("PATH", ".::/usr/bin:/bin")
    assert shutil.which("openssl") == "./openssl"
    checked = verify.Tools(verify.Check(verify.Folder(copy)), copy)
    assert checked.run("openssl", "version") == (-1, "no openssl here")
    assert not (copy / "ran").exists()


def test_every_paper_says_how_to_run_it_safely(bag: Path) -> None:
    project = Path(verify.__file__).resolve().parents[1]
    papers = [*project.glob("*.md"), *project.glob("docs/**/*.md"), *project.glob("templates/**/*.html")]
    papers += [bag / "data" / "README.txt", project / "packs" / "report" / "report.py"]
    told = {paper: [line for line in paper.read_text().splitlines() if "python3 " in line] for paper in papers}
    wrong = [
        f"{p.name}: {line}" for p, found in told.items() for line in found if "verify.py" in line and "-I" not in line
    ]
    assert wrong == []
