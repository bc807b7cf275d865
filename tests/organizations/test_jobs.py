"""Jobs: one worker at a time, and another one when it dies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from imports.models import ImportJob
from organizations import jobs
from organizations.jobs import Job, LeaseLost, claim, holding, orphans, renew, take_up
from organizations.models import Organization
from organizations.scope import in_organization


def make_job(**fields: Any) -> ImportJob:
    job = ImportJob(
        **{"register": "actions", "filename": "a.csv", "path": "x", "size": 1, "sha256": "0" * 64, **fields}
    )
    job.save()
    return job


def expire(job: Job) -> None:
    ImportJob.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.usefixtures("in_acme")
class TestLease:
    def test_the_second_claim_of_a_job_gets_nothing(self) -> None:
        job = make_job()
        assert claim(job)
        assert claim(job) is None

    def test_a_lease_that_ran_out_is_anybodys(self) -> None:
        job = make_job()
        first = claim(job)
        expire(job)
        second = claim(job)
        assert second and second != first
        assert job.attempts == 2

    def test_a_lease_that_ran_out_is_renewed_as_long_as_nobody_took_it(self) -> None:
        job = make_job()
        token = claim(job)
        expire(job)
        assert token and renew(job, token)
        assert not orphans(ImportJob).exists()

    def test_a_lost_lease_is_not_renewed(self) -> None:
        job = make_job()
        token = claim(job)
        expire(job)
        claim(job)
        assert token and not renew(job, token)

    def test_a_finished_job_is_not_claimed(self) -> None:
        assert claim(make_job(status=ImportJob.Status.DONE)) is None

    def test_finishing_writes_the_result_and_gives_the_lease_back(self) -> None:
        job = make_job()
        with holding(job) as lease:
            lease.finish(ImportJob.Status.DONE, result={"counts": 1})
        job.refresh_from_db()
        assert (job.status, job.result, job.lease_token) == ("done", {"counts": 1}, "")

    def test_whoever_lost_the_lease_cannot_finish(self) -> None:
        job = make_job()
        with pytest.raises(LeaseLost), holding(job) as lease:
            expire(job)
            claim(job)
            lease.finish(ImportJob.Status.DONE)
        job.refresh_from_db()
        assert job.status == ImportJob.Status.CHECKING

    def test_a_checkpoint_stops_whoever_lost_the_lease(self) -> None:
        job = make_job()
        with pytest.raises(LeaseLost), holding(job) as lease:
            expire(job)
            claim(job)
            lease._renew_quietly()
            lease.check()

    def test_a_cancelled_job_stops_at_the_next_checkpoint(self) -> None:
        job = make_job()
        with pytest.raises(LeaseLost), holding(job) as lease:
            ImportJob.objects.filter(pk=job.pk).update(status=ImportJob.Status.CANCELLED, lease_token="")
            lease._renew_quietly()
            lease.check()

    def test_an_error_gives_the_job_back_at_once(self) -> None:
        job = make_job()
        with pytest.raises(ZeroDivisionError), holding(job):
            _ = 1 / 0
        assert list(orphans(ImportJob)) == [job]
        assert claim(job)

    def test_holding_what_another_holds_is_refused(self) -> None:
        job = make_job()
        claim(job)
        with pytest.raises(LeaseLost), holding(job):
            pytest.fail("The block must not run.")

    def test_what_is_reported_is_written_with_the_next_beat(self) -> None:
        job = make_job()
        with holding(job) as lease:
            lease.report(progress=40, message="half way")
            lease._renew_quietly()
            job.refresh_from_db()
            assert (job.progress, job.message) == (40, "half way")

    def test_a_failure_says_what_and_what_to_do(self) -> None:
        job = make_job()
        with holding(job) as lease:
            lease.fail("The file is gone.", "Upload it again.")
        job.refresh_from_db()
        assert job.has_failed
        assert job.failure == {"what": "The file is gone.", "remedy": "Upload it again."}


class TestOrphans:
    def test_orphans_of_every_organization_are_started(self, acme: Organization, other: Organization) -> None:
        made = []
        for organization in (acme, other):
            with in_organization(organization):
                made.append((organization.pk, make_job().pk))
        started: list[tuple[int, int]] = []
        assert take_up(ImportJob, lambda *ids: started.append(ids)) == 2  # type: ignore[arg-type]
        assert sorted(started) == sorted(made)

    def test_an_orphan_is_started_once_a_lease_time(self, in_acme: Organization) -> None:
        make_job()
        assert take_up(ImportJob, lambda *ids: None) == 1
        assert take_up(ImportJob, lambda *ids: None) == 0

    def test_a_started_orphan_can_be_claimed_at_once(self, in_acme: Organization) -> None:
        job = make_job()
        take_up(ImportJob, lambda *ids: None)
        assert claim(job)

    def test_a_living_workers_job_is_left_alone(self, in_acme: Organization) -> None:
        claim(make_job())
        assert take_up(ImportJob, lambda *ids: None) == 0

    def test_a_job_that_lost_too_many_workers_fails_with_a_remedy(self, in_acme: Organization) -> None:
        job = make_job(attempts=jobs.MOST_ATTEMPTS)
        assert take_up(ImportJob, lambda *ids: pytest.fail("It must not be started again.")) == 0
        job.refresh_from_db()
        assert job.has_failed
        assert "worker" in job.failure["remedy"]
