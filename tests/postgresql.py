"""A PostgreSQL of the tests' own: made in a temporary folder, on a free port, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, the newest version first; None where there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return versions[-1].parent if versions else None


class Cluster:
    """`with Cluster() as cluster: … cluster.url`. PostgreSQL refuses to run as root, so root hands over to `postgres`."""

    def __init__(self, *options: str) -> None:
        found = programs()
        if found is None:
            raise RuntimeError("PostgreSQL's programs were not found")
        self.bin = found
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="koinon-pg-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"postgresql://koinon@127.0.0.1:{self.port}/postgres"

    def __enter__(self) -> Self:
        data = self.folder / "data"
        if os.geteuid() == 0:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        self._run(
            "initdb", "-D", str(data), "-U", "koinon", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"
        )
        settings = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run(
            "pg_ctl", "-D", str(data), "-w", "-l", str(self.folder / "log"), "-o",
            " ".join([settings, *self.options]), "start",
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str) -> None:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [str(self.bin / program), *words],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            **user,  # type: ignore[call-overload]
        )
