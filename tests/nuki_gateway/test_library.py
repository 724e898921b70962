"""The gateway is a plain library: it works where neither Django nor Celery is installed."""

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
WITHOUT = """
import importlib, pkgutil, sys

class Refuses:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"django", "celery", "rest_framework", "kombu", "structlog", *OURS}:
            raise ModuleNotFoundError(f"{name} is not installed here", name=name)

OURS = {"access", "config", "properties", "tests"}
sys.meta_path.insert(0, Refuses())
import nuki_gateway
found = [
    module.name
    for module in pkgutil.walk_packages(nuki_gateway.__path__, "nuki_gateway.")
    if not module.name.endswith("__main__")
]
for name in found:
    importlib.import_module(name)
print(*found)
"""


def test_every_module_is_importable_without_django_and_celery() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=PROJECT, capture_output=True, text=True, check=False, timeout=30
    )

    assert done.stderr == ""
    assert done.returncode == 0
    assert {"nuki_gateway.client", "nuki_gateway.webhooks", "nuki_gateway.simulator"} <= set(
        done.stdout.split()
    )
