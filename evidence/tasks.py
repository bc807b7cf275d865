"""Celery's entry points of this app."""

from __future__ import annotations

from celery import shared_task
from celery.signals import worker_ready

from evidence.models import EvidencePack
from evidence.pack.build import build, remove_leftovers
from evidence.pack.sharing import help_build
from organizations.jobs import take_up
from organizations.tasks import OrganizationTask


@shared_task(base=OrganizationTask, name="evidence.tasks.build_pack")
def build_pack(organization_id: int, pack_id: int) -> None:
    """Build a pack, or take up one that another worker began."""
    build(EvidencePack.objects.get(pk=pack_id), call=help_build_pack.delay)


@shared_task(base=OrganizationTask, name="evidence.tasks.help_build_pack")
def help_build_pack(organization_id: int, pack_id: int) -> None:
    """Make parts of a pack that another worker builds."""
    help_build(EvidencePack.objects.get(pk=pack_id))


@shared_task(name="evidence.tasks.take_up_orphaned_packs")
def take_up_orphaned_packs() -> None:
    """Have packs built whose message was lost or whose worker died."""
    take_up(EvidencePack, build_pack.delay)
    remove_leftovers()


@worker_ready.connect
def take_up_when_starting(**_: object) -> None:
    """A worker that starts looks first for what a dead one left."""
    take_up_orphaned_packs.delay()
