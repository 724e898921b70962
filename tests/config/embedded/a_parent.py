"""Starts both servers in a directory, says their process ids, and waits to be killed."""

import sys
import time
from pathlib import Path

from config.embedded.postgres import PostgresServer
from config.embedded.valkey import ValkeyServer

directory = Path(sys.argv[1])
servers = [PostgresServer(directory / "postgres", durable=False), ValkeyServer(directory / "valkey")]
for server in servers:
    server.start()
print(*(server.pid for server in servers), flush=True)  # noqa: T201  the test reads it
time.sleep(60)
