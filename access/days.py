"""Days in addresses, such as `?from=2026-11-21`: read with care, as anybody can write them."""

from datetime import date

YEARS = range(2000, 2200)  # outside of these a slip of the finger, and near the ends of what dates can be


def named(text: str, *, otherwise: date) -> date:
    """The day that a text names, or the other one where it names none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if day.year in YEARS else otherwise
