"""What a simulator with a state file still knows after it was started again."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from nuki_gateway.simulator import Simulator, TurnedClock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.test_oauth import ASKED, BACK, exchanged, refreshed, sent_back

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


def test_consents_configuration_and_open_requests_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    first = Simulator(clock=TurnedClock(START), state_path=path)
    alice = first.add_account(name="Alice", token="alice-token", kind="SHORT_RENTAL")
    first.add_token(alice, token="reads-only", scopes=["smartlock.readOnly"])
    first.add_oauth_client(client_id="keyturn", secret="a secret", redirect_uris=[BACK])
    door = first.add_lock(alice, name="Front door", keypad="keypad2")
    with first.serve() as url:
        nuki, anybody = Caller(url, alice.token), Caller(url)
        asked = urlencode({**ASKED, "account": "Alice", "decision": "allow"})
        tokens = exchanged(anybody, sent_back(anybody("GET", f"/oauth/authorize?{asked}"))["code"]).json
        nuki("POST", f"/smartlock/{door.smartlock_id}", {"favorite": True})
        assert nuki("POST", f"/smartlock/{door.smartlock_id}/action/unlock/advanced").status == 200
        nuki.close()
        anybody.close()

    second = Simulator(clock=TurnedClock(START), state_path=path)

    assert second.world == first.world
    assert len(second.world.requests) == 1
    with second.serve() as url:
        anybody, reading = Caller(url), Caller(url, tokens["access_token"])
        assert [one["favorite"] for one in reading("GET", "/smartlock").json] == [True]
        assert refreshed(anybody, tokens["refresh_token"]).status == 200
        anybody.close()
        reading.close()
    second.settle()
    assert second.world.requests == []
