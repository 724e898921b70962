"""Push routes of an account: kept and shown, never used."""

from typing import Any

import pytest

from nuki_gateway.simulator import Simulator
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.test_checks import Calling

ROUTE: dict[str, Any] = {
    "os": 2,
    "pushId": "https://keyturn.example/push",
    "referenceId": "house 7",
    "settings": [{"triggerEvents": ["unlock", "ring"]}],
}


def test_a_route_is_made_changed_found_and_deleted(nuki: Caller) -> None:
    made = nuki("PUT", "/notification", ROUTE)
    path = f"/notification/{made.json['notificationId']}"

    changed = nuki("POST", path, ROUTE | {"language": "de"}).status

    assert made.status == 200
    assert made.json == {"notificationId": path[-24:], "language": "en", "status": 0, **ROUTE}
    assert (changed, nuki("GET", path).json["language"]) == (204, "de")
    assert len(nuki("GET", "/notification?referenceId=house%207").json) == 1
    assert nuki("GET", "/notification?referenceId=house%208").json == []
    assert nuki("DELETE", path).status == 204
    assert nuki("GET", path).status == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"os": 3}, 400, id="an unknown system"),
        pytest.param({"language": "pt"}, 400, id="an unknown language"),
        pytest.param({"settings": [{"triggerEvents": ["knock"]}]}, 400, id="an unknown event"),
        pytest.param({"settings": None}, 422, id="no settings"),
        pytest.param({"settings": [{}]}, 422, id="no events"),
        pytest.param({"pushId": None}, 422, id="no address"),
    ],
)
def test_a_bad_route_is_refused_and_not_kept(nuki: Caller, changes: dict[str, Any], status: int) -> None:
    assert nuki("PUT", "/notification", ROUTE | changes).status == status
    assert nuki("GET", "/notification").json == []


def test_another_accounts_route_is_not_there(simulator: Simulator, nuki: Caller, calling: Calling) -> None:
    path = f"/notification/{nuki('PUT', '/notification', ROUTE).json['notificationId']}"
    charlie = calling(simulator.add_account(name="Charlie", token="charlie-token").token)

    assert charlie("GET", path).status == 404
    assert charlie("DELETE", path).status == 404
    assert charlie("GET", "/notification").json == []
