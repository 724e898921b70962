"""What a telephone dials for a number as a host wrote it: the right one, or none."""

import pytest

from properties import telephone


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        pytest.param("+43 1 234567", "+431234567", id="with its country"),
        pytest.param("+43 (0)664 123 45-67", "+436641234567", id="with the zero that is for callers at home"),
        pytest.param("+39 06 1234567", "+39061234567", id="with a zero that belongs to it"),
        pytest.param("0664 123456", "", id="without a country"),
        pytest.param("0043 664 123456", "", id="with a prefix that not all countries have"),
        pytest.param("+1 5550123", "", id="without the town"),
        pytest.param("+43", "", id="a country alone"),
        pytest.param("+999 123456", "", id="of no country"),
        pytest.param("+43 1 CALL ME", "", id="letters"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_number_is_dialled_if_it_is_whole(written: str, dialled: str) -> None:
    assert telephone.dialled(written) == dialled


@pytest.mark.parametrize(
    ("written", "zone", "suggested"),
    [
        pytest.param("0664 123456", "Europe/Vienna", "+43 664 123456", id="a mobile one in Austria"),
        pytest.param("0043 664 123456", "Europe/Vienna", "+43 664 123456", id="as Austria calls abroad"),
        pytest.param("06 6982", "Europe/Rome", "+39 06 6982", id="the zero that belongs to it"),
        pytest.param("030 901820", "Europe/Berlin", "+49 30 901820", id="in Germany"),
        pytest.param("0664 123456", "Etc/UTC", "", id="a zone of no country"),
        pytest.param("12", "Europe/Vienna", "", id="what is no number there"),
        pytest.param("call me", "Europe/Vienna", "", id="letters"),
    ],
)
def test_the_zone_suggests_a_country_and_decides_nothing(written: str, zone: str, suggested: str) -> None:
    assert telephone.suggested(written, zone) == suggested
    assert telephone.dialled(written) == ""
