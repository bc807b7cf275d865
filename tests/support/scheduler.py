"""How tests are shared out among the processes of ``make test``."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

#: What one process works through from beginning to end: it makes the browser and the site that all of it looks at.
IN_ONE = "tests/browser/"
#: Where a single test takes seconds: whichever process is free takes the next one.
ONE_BY_ONE = ("tests/faults/", "tests/rules/", "tests/registers/test_contract.py")


class SharingOut(LoadScopeScheduling):
    """File by file, so that what the tests of a file have in common is made once; the files with the most tests come first."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(IN_ONE):
            return IN_ONE
        return nodeid if nodeid.startswith(ONE_BY_ONE) else nodeid.partition("::")[0]
