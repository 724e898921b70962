"""Nuki's numbers of time zones."""

from zoneinfo import ZoneInfo, available_timezones

import pytest

from nuki_gateway.time_zones import zone_of


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        pytest.param(0, "Africa/Cairo", id="the first"),
        pytest.param(12, "America/New_York", id="12"),
        pytest.param(19, "Asia/Dubai", id="19"),
        pytest.param(36, "Australia/Sydney", id="36"),
        pytest.param(37, "Europe/Berlin", id="the one in every recorded payload"),
        pytest.param(40, "Europe/London", id="40"),
        pytest.param(45, "Pacific/Pago_Pago", id="the last"),
        pytest.param(46, None, id="one more than the last"),
        pytest.param(-1, None, id="one less than the first"),
        pytest.param(None, None, id="absent"),
    ],
)
def test_a_number_means_a_zone(number: int | None, zone: str | None) -> None:
    assert zone_of(number) == zone


def test_all_46_zones_differ_and_are_known_to_this_machine() -> None:
    zones = {zone_of(number) for number in range(46)}

    assert len(zones) == 46
    assert zones <= available_timezones()
    assert all(ZoneInfo(zone).key == zone for zone in zones if zone)
