"""The client that npm has under the name nuki-web-api drives the simulator, and the locks do what it says.

It is unmodified: the published package, checked against its hash, not a line of it replaced. Where the
service is, its constructor takes as an option (`url`). It has no methods that write authorizations: those
calls go through `_req`, which is documented too and which all of its own methods use. `call.cjs`, which is
ours, calls one method and prints what came of it.

Known defects, by the vendor's API definition unless another reason is given:

* Every call has a JSON body, `{}` if nothing else: also GET, DELETE and a sync.
* No method makes, changes or deletes an authorization, has a lock read anew, or writes a webhook or a user.
* Values in a query are not escaped: the plus of an instant's offset arrives as a space.
* An action answers `true` when it is only queued (204).
* Not shown: `Nuki(token, options)` without `new` forgets the options; `updateSmartlock` drops what is false
  or empty from an object; no call has a timeout; `request`, which it builds on, was given up by its makers
  in 2020.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nuki_gateway.simulator import Account, Lock, Simulator, TurnedClock
from tests.nuki_gateway.answering import answer, answering
from tests.nuki_gateway.conftest import CODE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]  # it is fetched from its registry

VERSION = "2.2.1"
INTEGRITY = "sha512-gkm7bM2ZmMJyRlJGtDhF2hDu4sBlY32CqUlaEXLTNs1xHkiGkf/brB9ab4RuuvhUTYr0wC1wX1dbeKmfjPHz/g=="
PULLED_ALONG = "2026-11-01"  # what it depends on is taken as it was on this day
INSTALL_SECONDS = 150
CALL_SECONDS = 30
REGISTRY_AWAY = re.compile(  # not there, not let through, or not trusted by this machine
    r"code (E(NOTFOUND|AI_AGAIN|CONN\w+|TIMEDOUT|NETUNREACH|HOSTUNREACH|403|407|5\d\d)|ERR_SOCKET_TIMEOUT"
    r"|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_\w+|CERT_\w+)"
)
CALL = Path(__file__).with_name("call.cjs")
WINDOW: dict[str, Any] = {
    "allowedFromDate": "2026-06-15T13:00:00Z",
    "allowedUntilDate": "2026-06-17T08:00:00Z",
    "allowedWeekDays": 127,
    "allowedFromTime": 0,
    "allowedUntilTime": 0,
}
Asking = Callable[..., Any]  # a method's name and its arguments → its result, or what refused it


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the package from npm lies; without scripts of its own run, and outside the project."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node or npm is not installed here")
    directory = tmp_path_factory.mktemp("npm")
    quiet = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--no-update-notifier"]
    patience = ["--fetch-retries=1", "--fetch-timeout=30000"]
    given = ["--ignore-scripts", f"--before={PULLED_ALONG}", f"--prefix={directory}"]
    try:
        installed = subprocess.run(
            [npm, "install", *quiet, *patience, *given, f"nuki-web-api@{VERSION}"],
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm's registry did not give nuki-web-api within {INSTALL_SECONDS} s")
    if installed.returncode and REGISTRY_AWAY.search(installed.stderr):
        pytest.skip("npm's registry cannot be reached, so its nuki-web-api cannot be installed")
    assert installed.returncode == 0, installed.stderr
    modules = directory / "node_modules"
    received = json.loads((modules / ".package-lock.json").read_text(encoding="utf-8"))
    assert received["packages"]["node_modules/nuki-web-api"]["integrity"] == INTEGRITY
    return modules / "nuki-web-api"


def asking(package: Path, url: str, token: str) -> Asking:
    node = shutil.which("node")
    assert node is not None

    def ask(method: str, *arguments: Any) -> Any:
        done = subprocess.run(
            [node, CALL, package, url, method, json.dumps(arguments)],
            env={**os.environ, "NUKI_TOKEN": token},
            capture_output=True,
            text=True,
            timeout=CALL_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        outcome = json.loads(done.stdout)
        return outcome if "refused" in outcome else outcome.get("result")

    return ask


@pytest.fixture
def ask(package: Path, url: str, account: Account) -> Asking:
    return asking(package, url, account.token)


def on_the_lock(simulator: Simulator, door: Lock) -> list[tuple[str, str | None]]:
    return [(one.name, one.code) for one in simulator.codes_on(door.smartlock_id)]


def test_locks_are_listed_and_one_is_read(ask: Asking, door: Lock) -> None:
    listed = ask("getSmartlocks")

    assert [(one["smartlockId"], one["name"]) for one in listed] == [(door.smartlock_id, "Front door")]
    assert ask("getSmartlock", door.smartlock_id) == listed[0]


def test_a_code_is_made_listed_changed_used_and_deleted(
    ask: Asking, simulator: Simulator, clock: TurnedClock, door: Lock
) -> None:
    auth = f"smartlock/{door.smartlock_id}/auth"
    entry = {"name": "Ada", "type": 13, "code": int(CODE), **WINDOW}

    assert ask("_req", auth, {}, "PUT", entry) is None
    simulator.settle()
    (listed,) = ask("getSmartlockAuth", door.smartlock_id)
    assert (listed["name"], listed["code"], listed["authId"]) == ("Ada", int(CODE), 4097)
    assert on_the_lock(simulator, door) == [("Ada", CODE)]

    ask("_req", [auth, listed["id"]], {}, "POST", {"name": "Ann", "code": 555555, **WINDOW})
    simulator.settle()
    clock.turn(seconds=7200)
    assert ask("getSmartlockAuth", door.smartlock_id, listed["id"])["name"] == "Ann"
    assert simulator.type_code(door.smartlock_id, CODE).reason == "unknown code"
    assert simulator.type_code(door.smartlock_id, "555555").opened

    ask("_req", [auth, listed["id"]], {}, "DELETE")
    simulator.settle()
    assert ask("getSmartlockAuths") == []
    assert on_the_lock(simulator, door) == []


def test_several_codes_are_made_changed_and_deleted_in_one_call_each(
    ask: Asking, simulator: Simulator, account: Account, door: Lock
) -> None:
    flat = simulator.add_lock(account, name="Flat", keypad="keypad")
    entry = {"name": "Ada", "type": 13, "code": int(CODE), **WINDOW}

    ask(
        "_req", "smartlock/auth", {}, "PUT", {**entry, "smartlockIds": [door.smartlock_id, flat.smartlock_id]}
    )
    simulator.settle()
    assert on_the_lock(simulator, door) == on_the_lock(simulator, flat) == [("Ada", CODE)]

    ids = [one["id"] for one in ask("getSmartlockAuths", {"types": 13})]
    ask("_req", "smartlock/auth", {}, "POST", [{"id": one, "name": "Ann", **WINDOW} for one in ids])
    simulator.settle()
    assert on_the_lock(simulator, door) == on_the_lock(simulator, flat) == [("Ann", CODE)]

    ask("_req", "smartlock/auth", {}, "DELETE", ids)
    simulator.settle()
    assert on_the_lock(simulator, door) == on_the_lock(simulator, flat) == []


def test_an_action_moves_the_lock_and_the_log_tells_of_it(
    ask: Asking, simulator: Simulator, door: Lock
) -> None:
    ask("setAction", door.smartlock_id, 1)
    simulator.settle()
    assert door.device.state.state == 3

    ask("setAction", door.smartlock_id, {"command": 2, "option": 4})
    simulator.settle()
    assert door.device.state.state == 1
    log = ask("getSmartlockLogs", door.smartlock_id, {"limit": 2})
    assert [(one["action"], one["state"]) for one in log] == [(2, 0), (1, 0)]
    assert ask("getSmartlockLogs") == log


def test_a_sync_makes_the_cloud_see_what_the_app_did(ask: Asking, simulator: Simulator, door: Lock) -> None:
    simulator.in_the_app(door.smartlock_id).add_code("Cousin", "384176")
    assert ask("getSmartlockAuths") == []

    ask("_req", f"smartlock/{door.smartlock_id}/sync", {}, "POST")
    simulator.settle()

    assert [one["name"] for one in ask("getSmartlockAuths")] == ["Cousin"]


def test_a_wrong_token_is_refused_and_the_lock_hears_nothing(package: Path, url: str, door: Lock) -> None:
    stranger = asking(package, url, "not-a-token")

    assert stranger("setAction", door.smartlock_id, 1) == {"refused": 401}
    assert door.queue == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_body_where_none_belongs_is_a_known_defect(package: Path, method: str) -> None:
    with answering(answer("200 OK", b"[]", Content_Type="application/json")) as service:
        asking(package, service.url, "a-token")("_req", "smartlock", {}, method)

    assert [(one.line, one.body) for one in service.asked] == [(f"{method} /smartlock HTTP/1.1", b"{}")]


def test_an_action_called_done_when_it_is_queued_is_a_known_defect(ask: Asking, door: Lock) -> None:
    assert ask("setAction", door.smartlock_id, 1) is True

    assert [one.action for one in door.queue] == [1]
    assert door.device.state.state == 1


def test_an_unescaped_query_is_a_known_defect(ask: Asking, clock: TurnedClock) -> None:
    since = (clock.now() - timedelta(hours=1)).isoformat()

    assert since.endswith("+00:00")
    assert ask("getSmartlockLogs", {"fromDate": since}) == {"refused": 400}
    assert ask("getSmartlockLogs", {"fromDate": since.replace("+", "%2B")}) == []
