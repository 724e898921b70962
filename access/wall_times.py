"""A stay's times on the wall, and the instants that follow from them. Worked out on the row, not saved."""

from access.models import Stay
from properties import wall_clock

FIELDS = ("starts_on_the_wall", "ends_on_the_wall", "zone_rules")


def keep(stay: Stay) -> bool:
    """Write down what the clocks show at times that are new; whether there was anything to write.

    A text that was kept of another instant is out of date: whoever changed the instant knew of no text.
    Raises `wall_clock.UnknownTimeZone`, as `derive` does.
    """
    zone = stay.unit.property.time_zone
    is_new = False
    if not wall_clock.is_kept_of(stay.starts_at, stay.starts_on_the_wall):
        stay.starts_on_the_wall, is_new = wall_clock.kept(stay.starts_at, zone), True
    if not wall_clock.is_kept_of(stay.ends_at, stay.ends_on_the_wall):
        stay.ends_on_the_wall, is_new = wall_clock.kept(stay.ends_at, zone), True
    if is_new:
        stay.zone_rules = max(stay.zone_rules, wall_clock.RULES)
    return is_new


def derive(stay: Stay) -> bool:
    """Work the instants out anew by the rules of this process; whether they are others than before.

    Newer rules than these may have been there already, while a release goes out and processes of both run.
    Then nothing is worked out: the older ones would take back what the newer ones have put right.
    """
    keep(stay)
    if stay.zone_rules > wall_clock.RULES:
        return False
    zone, before = stay.unit.property.time_zone, (stay.starts_at, stay.ends_at)
    stay.starts_at, stay.starts_on_the_wall = wall_clock.arrival_anew(stay.starts_on_the_wall, zone)
    stay.ends_at, stay.ends_on_the_wall = wall_clock.departure_anew(stay.ends_on_the_wall, zone)
    stay.zone_rules = wall_clock.RULES
    return (stay.starts_at, stay.ends_at) != before


def forget(stay: Stay) -> None:
    """Drop what was kept: the stay moves to a house with other clocks."""
    stay.starts_on_the_wall = stay.ends_on_the_wall = ""
