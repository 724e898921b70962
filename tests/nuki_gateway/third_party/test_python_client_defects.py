"""What the client that PyPI has under the name nuki-web-api (0.1.15) does wrong, each shown where it can be.

Known defects, by the vendor's API definition unless another reason is given:

* `get_auth`, `list_auths_paged`, `list_logs` and `list_logs_for_smartlock` return the raw HTTP answer, not
  the dict or list that they promise.
* `delete_decentral_webhook` reads JSON from a 204, which has none: it raises although the webhook is gone.
  `update_account_user` has the same mistake (not shown: the definition allows 200 and 204 there).
* A lock from `get_smartlock` can neither act nor refresh: it is given the wrong object to call through.
* `lock()` and `unlock()` of a lock read its state at once, when the action is only queued: what they leave
  known is the state before.
* `create_account_user` sends the type of a user as text; the definition says a number, and the simulator
  keeps to that. What the service itself does with a text is not known.
* `update_auth` sends only what it is given, and can send no null: the service clears a window that is not
  repeated, so renaming a code opens it for ever, and no end can be taken away alone.
* `hex_id` always drops the first digit, which on a lock of type 0 is no type but part of the number.
* `smartlock_ids` of the constructor has no effect.
* The README's loop over `lock_instances` unpacks numbers and cannot run.
* An exception's text repeats the service's complaint, and with it a refused keypad code in clear.
* Not shown: no call has a timeout, so a silent service blocks for ever; `generate_shared_key_auth` throws
  the answer away, and with it the key; requests is demanded in exactly one version.
"""

from typing import Any

import pytest
import requests

from nuki_gateway.simulator import Account, Lock, Simulator
from tests.nuki_gateway.conftest import CODE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]  # it is fetched from its registry


@pytest.mark.parametrize(
    ("part", "call", "arguments"),
    [
        pytest.param("smartlock_auth", "get_auth", ["lock", "ada"], id="one authorization"),
        pytest.param("smartlock_auth", "list_auths_paged", [], id="a page of authorizations"),
        pytest.param("smartlock_log", "list_logs", [], id="the log"),
        pytest.param("smartlock_log", "list_logs_for_smartlock", ["lock"], id="the log of a lock"),
    ],
)
def test_the_raw_answer_in_place_of_its_content_is_a_known_defect(
    client: Any, door: Lock, ada: str, part: str, call: str, arguments: list[str]
) -> None:
    known = {"lock": door.smartlock_id, "ada": ada}

    got = getattr(getattr(client, part), call)(*[known[one] for one in arguments])

    assert isinstance(got, requests.Response)
    assert isinstance(got.json(), dict | list)


def test_failing_on_a_webhook_that_is_deleted_is_a_known_defect(client: Any, simulator: Simulator) -> None:
    made = client.advanced_api.create_decentral_webhook("https://keyturn.example/hook", ["DEVICE_LOGS"])

    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.advanced_api.delete_decentral_webhook(made["id"])

    assert simulator.world.webhooks == {}
    assert client.advanced_api.list_decentral_webhooks() == []


def test_a_lock_that_is_read_alone_and_cannot_act_is_a_known_defect(
    client: Any, simulator: Simulator, door: Lock
) -> None:
    lock = client.smartlock.get_smartlock(door.smartlock_id)

    with pytest.raises(AttributeError, match="'Smartlock' object has no attribute '_request'"):
        lock.unlock()
    simulator.settle()

    assert door.device.state.state == 1


def test_knowing_the_state_before_the_action_is_a_known_defect(
    client: Any, simulator: Simulator, door: Lock
) -> None:
    lock = client.lock_instances[door.smartlock_id]

    lock.unlock()
    simulator.settle()

    assert lock.is_locked
    assert door.device.state.state == 3


def test_the_type_of_a_user_sent_as_text_is_a_known_defect(client: Any, simulator: Simulator) -> None:
    with pytest.raises(requests.HTTPError, match="422"):
        client.account_user.create_account_user("ada@example.org", "Ada", type=0)

    assert simulator.world.users == {}


def test_a_rename_that_opens_a_code_for_ever_is_a_known_defect(
    client: Any, simulator: Simulator, door: Lock, ada: str
) -> None:
    before = simulator.type_code(door.smartlock_id, CODE).reason

    client.smartlock_auth.update_auth(door.smartlock_id, ada, name="Ann")
    simulator.settle()

    (code,) = simulator.codes_on(door.smartlock_id)
    assert (code.name, code.allowed_from, code.allowed_until) == ("Ann", None, None)
    assert (before, simulator.type_code(door.smartlock_id, CODE).reason) == ("too early", "open")


def test_a_digit_missing_in_the_hexadecimal_number_of_an_old_lock_is_a_known_defect(
    client: Any, simulator: Simulator, account: Account
) -> None:
    old = simulator.add_lock(account, name="Old", device_type=0, smartlock_id=0x1A2B3C4D)

    assert client.lock_instances[old.smartlock_id].hex_id == "A2B3C4D"


def test_a_choice_of_locks_without_effect_is_a_known_defect(
    nukiwebapi: Any, url: str, account: Account, door: Lock
) -> None:
    client = nukiwebapi.NukiWebAPI(account.token, base_url=url, smartlock_ids=["1"])

    assert list(client.lock_instances) == [door.smartlock_id]


@pytest.mark.usefixtures("door")
def test_the_loop_of_the_readme_that_cannot_run_is_a_known_defect(client: Any) -> None:
    with pytest.raises(TypeError, match="cannot unpack non-iterable int object"):
        {number: lock.name for number, lock in client.lock_instances}


def test_a_refused_code_in_the_text_of_the_exception_is_a_known_defect(
    client: Any, simulator: Simulator, door: Lock
) -> None:
    with pytest.raises(requests.HTTPError, match="The supplied value '123456' for parameter 'code'"):
        client.smartlock_auth.create_auth_for_smartlock(
            door.smartlock_id, "Ada", remote_allowed=False, type=13, code=123456
        )
    simulator.settle()

    assert simulator.codes_on(door.smartlock_id) == []
