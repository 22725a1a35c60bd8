"""Starts server and desk in a moment: forked off a process that has imported and warmed what never changes.

What is forked is a process of its own, with connections and threads of its own, and is killed like any other; only the four
to six seconds of processor time that each start costs are saved. `python -m tests.faults.nursery` obeys one line of JSON at
a time: `{"fork": [words], "log": file}` gives a process id, `{"look": id}` how that process ended, or null.
"""

import gc
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.db import connections  # noqa: E402  Django first
from django.test import Client  # noqa: E402

from koinon import asgi, cli  # noqa: E402
from koinon.base import guessing, workdays  # noqa: E402
from koinon.places import gazetteer  # noqa: E402
from tests.faults import inside  # noqa: E402

DEEDS: dict[str, Callable[..., Any]] = {
    "serve": lambda port: cli.serve("127.0.0.1", int(port)),
    "work": inside.work,
}
# The first answers import what is behind the addresses and read the templates.
PAGES = ("/health/live", "/ask/", "/api/v1/places/IT")


def warm() -> None:
    """Everything that a server makes from files alone. No connection and no thread goes on to what is forked."""
    for make in (guessing.warm, workdays.warm, gazetteer.warm):
        make()
    browser = Client(headers={"host": "localhost"})
    assert [browser.get(page).status_code for page in PAGES] == [200] * len(PAGES)
    assert asgi.application
    connections.close_all()
    gc.collect()
    gc.freeze()


def fork(words: list[str], log: str) -> int:
    """The id of a new process that serves as `koinon up` does on a folder that is prepared, or works as the desk."""
    if child := os.fork():
        return child
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(nothing, 0)
        os.dup2(out, 1)
        os.dup2(out, 2)
        DEEDS[words[0]](*words[1:])
    finally:
        os._exit(1)


def look(process: int) -> int | None:
    """How a process that was forked here ended; None while it runs."""
    found, status = os.waitpid(process, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def main() -> None:
    warm()
    for line in sys.stdin:
        told = json.loads(line)
        said = fork(told["fork"], told["log"]) if "fork" in told else look(told["look"])
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
