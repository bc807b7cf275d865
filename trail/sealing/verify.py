"""The verification that everything still is what was recorded, sealed and signed.

Everything is worked out again from the rows themselves: the leaves' hashes, the root of every seal, and that each seal's
tree begins with the one before; signatures are checked with the public keys that are kept beside the key, and each current
row is held against its last version. Earlier heads that were mailed or printed (``--head``) find a history that was written
anew even with the real key. See ``docs/decisions/0007-seals.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice

from django.utils.translation import gettext as _

from organizations.scope import current_organization
from trail.sealing import keys
from trail.sealing.chain import Chain
from trail.sealing.current_rows import Mirror
from trail.sealing.findings import Finding, Report
from trail.sealing.leaves import Source, sources
from trail.time_travel.snapshots import one_snapshot

#: Findings of one check; the first ones tell where to look.
MOST = 20

Check = Callable[[], Iterator[Finding]]
#: Checks of what other rooms keep beside their rows, by the table of the rows.
_beside: dict[str, Check] = {}


def register_check(table: str, check: Check) -> None:
    """Have something verified that is kept beside the rows of a table: files, say.

    Called when the application starts.
    """
    _beside[table] = check


def verify(*, heads: Mapping[str, str] | None = None, tables: Collection[str] | None = None) -> Report:
    """Verify the current organization's trail.

    It is read at one moment, and never more than a seal's leaves at once.

    Args:
        heads: signed heads that were kept elsewhere, by names for people. The one beside the signing key is always taken.
        tables: look only at the rows of these tables, and at all seals; at everything unless given.

    Raises:
        KeyUnusable: there is a signing key, but it can't be used.
    """
    organization = current_organization()
    known = dict(heads or {})
    if kept := keys.kept_head(organization.slug):
        known[_("the head beside the signing key")] = kept
    asked = [source for source in sources() if tables is None or not {*_tables(source)}.isdisjoint(tables)]
    chain, mirror = Chain(asked, known), Mirror(asked)
    beside = [check for table, check in _beside.items() if tables is None or table in tables]
    with one_snapshot():
        # In this order: rows without a leaf are judged by the latest seal, which the first check finds.
        checks = (chain.sealed(), chain.unsealed(), mirror.differences(), *(check() for check in beside))
        findings = [finding for check in checks for finding in islice(check, MOST)]
    return Report(organization, chain.leaves, chain.seals, chain.waiting, mirror.rows, chain.contained, findings)


def _tables(source: Source) -> Iterator[str]:
    yield source.table
    if source.follows is not None:
        yield source.follows._meta.db_table
