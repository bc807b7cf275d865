"""One pack, built once, for all tests that only look at it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from packs import verify
from packs.contents import Contents
from packs.render import render
from packs.seal import bag_name, seal, zip_bag
from tests.packs import samples
from typesetting.fonts import Fonts

Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="session")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What Acme Pumps' pack is made of; its first rows hold awkward texts."""
    return samples.contents(tmp_path_factory.mktemp("collected"))


@pytest.fixture(scope="session")
def bag(contents: Contents, fonts: Fonts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Acme's pack. Tests that change it take a copy."""
    folder = tmp_path_factory.mktemp("bag")
    render(contents, folder, fonts)
    seal(contents.info, folder, samples.certificate())
    return folder


@pytest.fixture(scope="session")
def zipped(contents: Contents, bag: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Acme's pack as the zip that is handed out."""
    out = tmp_path_factory.mktemp("zip") / "acme-EP-0017.zip"
    zip_bag(bag, out, bag_name(contents.info))
    return out


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run verify.py in this process: exit code and what it printed."""

    def check(path: Path, *options: str) -> tuple[int, str]:
        code = verify.main([str(path), *options])
        return code, capsys.readouterr().out

    return check


@pytest.fixture
def copy(bag: Path, tmp_path: Path) -> Path:
    """A copy of Acme's pack to damage."""
    return Path(shutil.copytree(bag, tmp_path / "copy"))


@pytest.fixture
def no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without openssl and pdfsig, where checking is faster."""
    monkeypatch.setenv("PATH", "/nowhere")
