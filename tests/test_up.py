"""The command that people begin with: `koinon up` starts, says so, answers, ends cleanly; backup and restore bring all back."""

import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench._server import ROOT, ask, free_port
from tests.serving import House, environment, furnish, house

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("up")) as started:
        yield started


def body(answer: bytes) -> bytes:
    return answer.split(b"\r\n\r\n", 1)[1]


def test_the_main_job_is_done_from_an_empty_folder(running: House) -> None:
    page = ask(running.port, "/places/bologna-3181928/")

    assert page.startswith(b"HTTP/1.1 200")
    assert b"Regione Emilia-Romagna" in page


def test_it_says_what_it_runs_on(running: House) -> None:
    ready = json.loads(body(ask(running.port, "/health/ready")))

    assert ready["state"] == "ready"
    assert ready["index"] == {"places": True, "facts": True}
    assert "write-ahead log" in ready["sqlite"]


def test_the_secret_is_for_its_owner_alone(running: House) -> None:
    assert (running.data / "secret").stat().st_mode & 0o777 == 0o600


def test_a_page_asked_again_comes_from_the_front(running: House) -> None:
    patience = time.monotonic() + 20
    while time.monotonic() < patience:
        again = ask(running.port, "/places/ITH5/").split(b"\r\n\r\n", 1)[0].lower()
        # The bytes are kept once they have gone out: the very next question may be quicker.
        if b"etag:" in again:
            break

    assert b"etag:" in again
    assert b"x-koinon-shared" not in again


def test_it_says_that_it_is_ready_and_ends_cleanly_when_told(tmp_path: Path) -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "koinon", "up", "--port", str(port), "--data", str(tmp_path)],
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == f"Koinon is ready at http://127.0.0.1:{port}/\n"
    assert ask(port, "/health/live").startswith(b"HTTP/1.1 200")

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=20) == 0
    process.stdout.close()


def test_gaps_that_were_shown_are_counted(tmp_path: Path) -> None:
    furnish(tmp_path)
    with house(tmp_path) as shown:
        for _ in range(3):
            ask(shown.port, "/places/MT/")

    counted = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django; django.setup()\n"
            "from koinon.journal.models import Gap\n"
            "print(sorted(Gap.objects.for_place('MT').values_list('shelf', 'times')))",
        ],
        cwd=ROOT,
        env=environment(tmp_path) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert counted.stdout.strip() == str(
        [("answered", 3), ("coming", 3), ("money", 3), ("peers", 3), ("practices", 3), ("responsible", 3)]
    )


def test_a_backup_taken_while_it_runs_brings_everything_back(running: House, tmp_path: Path) -> None:
    link = running.run("admin", "ana@example.org")
    archive, bare = tmp_path / "koinon.tar.gz", tmp_path / "bare"

    running.run("backup", str(archive))
    restored = subprocess.run(
        [sys.executable, "-m", "koinon", "restore", str(archive)],
        cwd=ROOT,
        env=environment(bare),
        capture_output=True,
        text=True,
    )

    assert restored.returncode == 0, restored.stderr
    assert archive.stat().st_mode & 0o077 == 0
    with house(bare) as again:
        path = "/" + link.split("://", 1)[1].split("/", 1)[1].strip()
        assert ask(again.port, path).startswith(b"HTTP/1.1 200")
        assert ask(again.port, "/network/ncc-it/").startswith(b"HTTP/1.1 200")


def test_restore_writes_over_nothing(running: House, tmp_path: Path) -> None:
    archive = tmp_path / "koinon.tar.gz"
    running.run("backup", str(archive))

    with pytest.raises(RuntimeError, match="exists already"):
        running.run("restore", str(archive))


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08broken"])
def test_a_damaged_backup_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    archive = tmp_path / "broken.tar.gz"
    archive.write_bytes(content)

    done = subprocess.run(
        [sys.executable, "-m", "koinon", "restore", str(archive)],
        cwd=ROOT,
        env=environment(tmp_path / "bare"),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "no backup of Koinon" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_archive_that_wants_out_of_its_folder_is_refused(tmp_path: Path) -> None:
    archive, evil = tmp_path / "evil.tar.gz", tmp_path / "evil"
    evil.write_text("{}")
    with tarfile.open(archive, "w:gz") as made:
        made.add(evil, arcname="../../outside")

    done = subprocess.run(
        [sys.executable, "-m", "koinon", "restore", str(archive)],
        cwd=ROOT,
        env=environment(tmp_path / "bare"),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert not (tmp_path.parent / "outside").exists()


def test_a_database_that_is_none_of_ours_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "koinon", "migrate"],
        cwd=ROOT,
        env=environment(tmp_path) | {"DATABASE_URL": "mysql://x"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "only postgresql:// is understood" in done.stderr


def test_help_names_every_promised_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "koinon", "--help"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )

    promised = [
        "up",
        "test",
        "check",
        "bench",
        "admin",
        "role",
        "token",
        "load",
        "dump",
        "backup",
        "restore",
        "tick",
    ]
    assert [word for word in promised if f"koinon {word}" not in done.stdout] == []


def test_no_start_waits_for_what_few_ask_for(tmp_path: Path) -> None:
    """Libraries that one page in a hundred needs are imported by that page, not by the start."""
    heavy = {"fido2", "typst", "openpyxl", "numpy", "tantivy"}
    code = (
        "import django; django.setup(); import koinon.asgi, koinon.urls, sys;"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )

    said = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(tmp_path) | {"DJANGO_SETTINGS_MODULE": "koinon.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert said.stdout.strip() == "[]"
