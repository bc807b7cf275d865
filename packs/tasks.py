"""Celery's entry points of this app."""

from __future__ import annotations

from celery import shared_task
from celery.signals import worker_ready

from organizations.jobs import take_up
from organizations.tasks import OrganizationTask
from packs.build import build, remove_leftovers
from packs.models import EvidencePack
from packs.part_workers import help_build


@shared_task(base=OrganizationTask, name="packs.tasks.build_pack")
def build_pack(organization_id: int, pack_id: int) -> None:
    """Build a pack, or take up one that another worker began."""
    build(EvidencePack.objects.get(pk=pack_id), call=help_build_pack.delay)


@shared_task(base=OrganizationTask, name="packs.tasks.help_build_pack")
def help_build_pack(organization_id: int, pack_id: int) -> None:
    """Make parts of a pack that another worker builds."""
    help_build(EvidencePack.objects.get(pk=pack_id))


@shared_task(name="packs.tasks.take_up_orphaned_packs")
def take_up_orphaned_packs() -> None:
    """Have packs built whose message was lost or whose worker died."""
    take_up(EvidencePack, build_pack.delay)
    remove_leftovers()


@worker_ready.connect
def take_up_when_starting(**_: object) -> None:
    """Look, when a worker starts, for what a dead one left."""
    take_up_orphaned_packs.delay()
