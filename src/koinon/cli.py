"""The one command: `koinon up`, `koinon test`, … Whatever it does not know it hands to Django (`koinon migrate`)."""

import argparse
import contextlib
import gc
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

HELP = """\
koinon up [--host 127.0.0.1] [--port 8000] [--data DIR] [--demo]   make what is needed, and serve
koinon admin EMAIL                       give a person the administrator's role; prints a one-time sign-in link
koinon role EMAIL ROLE [ORGANISATION]    grant a role: editor, manager, lead, coordinator, authority
koinon token EMAIL                       print a new API token of that person
koinon load FILE…  /  koinon dump DIR    facts in / everything out, in documented files
koinon backup FILE  /  koinon restore FILE
koinon demo [--remove]                   invented content, marked as such
koinon triage EMAIL [--remove]           name who sees that confidential requests wait, and assigns them
koinon receive [--to ADDRESS]            take one mail from standard input, for a mail server's pipe
koinon mails [--again] [--forget ADDRESS]  mails that failed or are held; try again
koinon tick                              do what is due: mails, reminders, retention (`up` does it by itself)
koinon search rebuild                    make the index of the search anew (it does so by itself when it is damaged)
koinon test [ARGS]                       all tests; arguments go to pytest
koinon check                             format, lint, types, layers, templates
koinon bench NAME [--json FILE]          a measurement: place, places, room, start, write, desk, denied,
                                         search, matching, digest
"""

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the `koinon` command; exits with the status of what it did."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koinon.settings")
    if not words or words[0] in {"-h", "--help", "help"}:
        print(HELP, end="")
        return
    ours: dict[str, Callable[[list[str]], int]] = {"up": up, "test": test, "check": check, "bench": bench}
    if words[0] in ours:
        sys.exit(ours[words[0]](words[1:]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(["koinon", *words])


def up(words: list[str]) -> int:
    """Make or migrate the database, load the facts, serve until Ctrl-C or TERM."""
    parser = argparse.ArgumentParser(prog="koinon up")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", help="the data folder (default: KOINON_DATA, or var/)")
    parser.add_argument("--demo", action="store_true", help="add invented content, marked as such")
    asked = parser.parse_args(words)
    if asked.data:
        os.environ["KOINON_DATA"] = asked.data
    if asked.host not in {"127.0.0.1", "localhost", "0.0.0.0", "::", "::1"}:  # noqa: S104  asked for, not bound
        os.environ.setdefault("KOINON_HOSTS", f"localhost,127.0.0.1,[::1],{asked.host}")

    # What is imported now lives as long as the process: looking through it again and again costs a sixth of the start.
    # The clock (asgi.py) looks once when the house is warm, and switches it on.
    gc.disable()

    import django

    django.setup()
    prepare(demo=asked.demo)
    return serve(asked.host, asked.port)


def prepare(*, demo: bool = False) -> None:
    """Bring the data folder and the database to what this version needs. Quick when nothing is to do."""
    from django.conf import settings
    from django.core.checks import run_checks
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from koinon.agenda.actions.load import load_sessions
    from koinon.network.actions.load import load_facts
    from koinon.places.actions import load_reference
    from koinon.topics.actions import load_topics

    settings.DATA.mkdir(parents=True, exist_ok=True)
    if serious := [problem for problem in run_checks() if problem.is_serious()]:
        raise SystemExit("Koinon does not start:\n" + "\n".join(str(problem) for problem in serious))
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        _say("Bringing the database up to date.")
        call_command("migrate", interactive=False, verbosity=0)
    _collect_static()
    for what, load in (
        ("places", load_reference),
        ("objectives", load_topics),
        ("network", load_facts),
        ("sessions", load_sessions),
    ):
        if load():
            _say(f"Loaded the facts: {what}.")
    if demo:
        call_command("demo")


def _collect_static() -> None:
    """Write the stylesheets and scripts under their hashed names into the data folder, when they have changed."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    seen = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            state = os.stat(storage.path(path))
            seen.update(f"{path}|{state.st_size}|{state.st_mtime_ns}\n".encode())
    stamp = settings.DATA / "static.stamp"
    if not stamp.exists() or stamp.read_text() != seen.hexdigest():
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        stamp.write_text(seen.hexdigest())


def serve(host: str, port: int) -> int:
    """Serve until told to stop. Says on standard output when it answers."""
    import uvicorn
    from django.conf import settings

    from koinon.asgi import application
    from koinon.base.wire import BoundedHead
    from koinon.live.hub import hub

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
            await super().startup(sockets)  # type: ignore[arg-type]
            if self.started:
                (settings.DATA / "port").write_text(str(port))
                shown = f"[{host}]" if ":" in host else host
                print(f"Koinon is ready at http://{shown}:{port}/", flush=True)

        async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
            # Streams have no end of their own, which the server would wait for.
            hub.end()
            await super().shutdown(sockets)  # type: ignore[arg-type]

    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        http=BoundedHead,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(os.environ.get("KOINON_HTTPS")),
        lifespan="on",
        timeout_graceful_shutdown=5,
    )
    server = Server(config)
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 1


def test(words: list[str]) -> int:
    """All tests, on SQLite and, where its programs are there, on PostgreSQL."""
    return _run([sys.executable, "-m", "tests.run", *words])


def check(words: list[str]) -> int:
    """What a machine can judge: format, lint, types, layers, templates, catalogues."""
    return _run([sys.executable, "-m", "tests.check", *words])


def bench(words: list[str]) -> int:
    """A measurement of `bench/`, by name."""
    names = sorted(p.stem for p in (ROOT / "bench").glob("*.py") if not p.stem.startswith("_"))
    if not words or words[0] not in names:
        print(f"koinon bench NAME [--json FILE]; NAME is one of: {', '.join(names)}", file=sys.stderr)
        return 2
    return _run([sys.executable, "-m", f"bench.{words[0]}", *words[1:]])


def _run(command: list[str]) -> int:
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    return subprocess.call(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": path})  # noqa: S603  our own words


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
