"""How far somebody sees into a business: all of its properties, or those that were chosen for them."""

from dataclasses import dataclass

from django.db.models import Q

NOBODYS = 0  # no row has this key. With an empty list Django leaves out subqueries on whose type others count


@dataclass(frozen=True)
class Reach:
    """The keys of the properties that somebody sees; None: all of the business."""

    property_ids: frozenset[int] | None

    @property
    def is_limited(self) -> bool:
        """Whether there may be properties that this person does not see."""
        return self.property_ids is not None

    def covers(self, path: str) -> Q:
        """Rows whose property is within reach; the path of lookups leads from the row to it."""
        if self.property_ids is None:
            return Q()
        return Q(**{f"{path}__in": sorted(self.property_ids) or [NOBODYS]})


EVERYWHERE = Reach(None)
