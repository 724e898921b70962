"""What a simulator with a state file still knows after it was started again."""

from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

from nuki_gateway.simulator import Simulator, TurnedClock
from tests.nuki_gateway.simulator.caller import Caller
from tests.nuki_gateway.simulator.conftest import START, keypad_code
from tests.nuki_gateway.simulator.inbox import register
from tests.nuki_gateway.simulator.test_oauth import ASKED, BACK, exchanged, refreshed, sent_back


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


def test_calls_deliveries_and_orders_survive_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    first = Simulator(clock=TurnedClock(START), state_path=state, deliver=lambda _post: 204)
    alice = first.add_account(name="Alice", token="alice-token")
    door = first.add_lock(alice, name="Front door", keypad="keypad2")
    with first.serve() as url, closing(Caller(url, "alice-token")) as nuki:
        register(nuki)
        first.take_offline(door.smartlock_id)
        first.settle()
        first.bring_online(door.smartlock_id)
        first.script.lose_next_write(door)
        first.script.fail_for(60)
        assert nuki("GET", "/smartlock").status == 503

    clock = TurnedClock(first.clock.now())
    second = Simulator(clock=clock, state_path=state, deliver=lambda _post: 204)
    assert [(one.method, one.status) for one in second.calls] == [("PUT", 200), ("GET", 503)]
    assert [(one.feature, one.status) for one in second.deliveries] == [("DEVICE_STATUS", 204)]
    with second.serve() as url, closing(Caller(url, "alice-token")) as nuki:
        assert nuki("GET", "/smartlock").status == 503
        clock.turn(seconds=60)
        assert nuki("PUT", f"/smartlock/{door.smartlock_id}/auth", keypad_code()).status == 204
        second.settle()
    assert second.codes_on(door.smartlock_id) == []
