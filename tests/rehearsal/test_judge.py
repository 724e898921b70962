"""The judge sees the locks and the letters: nothing that is written into our own tables changes its mind."""

from collections.abc import Callable

import pytest
from django.db.models import F

from access.models import Grant, Message
from config.rehearsal.part import Part
from config.rehearsal.script import Script
from config.rehearsal.workers import Job
from properties import tenancy
from tests.conftest import Rings

pytestmark = [pytest.mark.usefixtures("stage"), pytest.mark.slow, pytest.mark.timeout(300)]

RUN = "_run"  # by which the workers do each task: no row is read between a lie and its task
A_WEEK = Script(stays=12, locks=6, days=8, faults="none", seed=3)
LIES: dict[str, Callable[[], object]] = {
    "all confirmed, nothing due": lambda: Grant.objects.filter(closed_at=None).update(
        confirmed_at=F("allowed_from"), due_at=None
    ),
    "all closed": lambda: Grant.objects.update(closed_at=F("allowed_from"), due_at=None),
    "all letters sent": lambda: Message.objects.filter(sent_at=None).update(
        sent_at=F("written_at"), due_at=None
    ),
}


def test_a_week_without_faults_breaks_nothing(rings: Rings) -> None:
    part = Part(A_WEEK)

    part.play()

    assert rings.sent == []  # every ring went to the workers of the rehearsal
    assert part.findings.breaches == []
    assert dict(part.findings.excused) == {}
    assert len(part.people.wishes) == 12
    assert part.findings.measured["entered"] > 10
    assert part.findings.measured["letters"] >= 10


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_tables_that_lie_do_not_fool_the_judge(
    monkeypatch: pytest.MonkeyPatch, lie: Callable[[], object]
) -> None:
    part = Part(A_WEEK)
    run: Callable[[Job], None] = getattr(part.workers, RUN)

    def lie_and_run(job: Job) -> None:
        with part.workers.elsewhere(), tenancy.across_organizations(because="somebody corrupts our tables"):
            lie()
        run(job)

    monkeypatch.setattr(part.workers, RUN, lie_and_run)

    part.play()

    assert part.findings.broken[1] + part.findings.broken[2] + part.findings.broken[5] > 0
