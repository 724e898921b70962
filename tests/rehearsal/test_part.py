"""A rehearsal of a long weekend with every fault, within the process of the test."""

import pytest

from config.rehearsal import report
from config.rehearsal.part import Part
from config.rehearsal.report import Report
from config.rehearsal.script import Script
from tests.conftest import Rings

WEEKEND = Script(stays=3, locks=3, days=2, faults="base", seed=2)


@pytest.mark.usefixtures("stage")
def test_a_weekend_with_every_fault_breaks_nothing_and_is_told_in_full(rings: Rings) -> None:
    part = Part(WEEKEND)

    part.play()
    found = Report.from_json(part.findings_as_json(cpu_seconds=0.0))
    told = "\n".join(report.lines(WEEKEND, report.merged([found]), seconds=0.0))

    assert found.stories == []
    assert found.is_clean
    assert found.measured["stays"] == 3
    assert found.measured["entered"] >= 3
    assert rings.sent == []  # every ring went to the workers of the rehearsal
    assert "nobody is locked out" in told
    assert found.digest in told
