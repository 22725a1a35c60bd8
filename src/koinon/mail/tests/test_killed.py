"""With a real mail server and real processes: a kill costs at most one double, which has the same Message-ID."""

import os
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.server

QUEUE = """
from koinon.mail.models import Outbox
for number in range(5):
    Outbox.objects.create(to=f"p{number}@example.eu", subject="S", text=f"Text {number}")
Outbox.objects.create(to="nobody@example.eu", subject="S", text="Nobody reads this")
"""
SEND = "from koinon.mail.actions import send_due; send_due()"
TEN_MINUTES_PASS = """
from datetime import timedelta
from django.db.models import F
from koinon.mail.models import Outbox
Outbox.objects.exclude(taken_at=None).update(taken_at=F("taken_at") - timedelta(minutes=11))
"""
STATES = """
from koinon.mail.bounces import is_bouncing
from koinon.mail.models import Outbox
print(Outbox.objects.counts(), [is_bouncing(a) for a in ("p0@example.eu", "nobody@example.eu")])
"""


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails and remembers them; calls `when_taken` before it says so."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.taken: list[str] = []
        self.when_taken: Callable[[], None] = lambda: None


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            match line.split(maxsplit=1)[0].upper():
                case "RCPT" if "nobody@" in line:
                    self.say("550 5.1.1 no such user")
                case "DATA":
                    self.say("354 go on")
                    self.server.taken.append(self.data())
                    self.server.when_taken()
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 well")

    def data(self) -> str:
        lines = []
        while (line := self.rfile.readline().decode()) not in {".\r\n", ""}:
            lines.append(line)
        return "".join(lines)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def started(code: str, data: Path, port: int) -> subprocess.Popen[str]:
    environment = os.environ | {
        "KOINON_DATA": str(data),
        "KOINON_MAIL": f"smtp://127.0.0.1:{port}",
        "DJANGO_SETTINGS_MODULE": "koinon.settings",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    environment.pop("DATABASE_URL", None)
    code = f"import django; django.setup()\n{code}"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_kill_costs_at_most_one_double(tmp_path: Path, mail_server: MailServer) -> None:
    port = mail_server.server_address[1]

    def run(code: str) -> str:
        process = started(code, tmp_path, port)
        said, trouble = process.communicate(timeout=60)
        assert process.returncode == 0, trouble
        return said.strip()

    run(
        f"from django.core.management import call_command; call_command('migrate', 'mail', verbosity=0)\n{QUEUE}"
    )
    doomed = started(SEND, tmp_path, port)

    def kill_at_the_third() -> None:
        if len(mail_server.taken) == 3:
            doomed.kill()
            doomed.wait()

    mail_server.when_taken = kill_at_the_third
    doomed.communicate(timeout=60)
    mail_server.when_taken = lambda: None
    run(SEND)
    run(TEN_MINUTES_PASS)
    run(SEND)

    texts = [re.findall(r"Text \d", mail)[0] for mail in mail_server.taken]
    ids = [re.findall(r"Message-ID: (<.+>)", mail)[0] for mail in mail_server.taken]
    assert sorted(texts) == ["Text 0", "Text 1", "Text 2", "Text 2", "Text 3", "Text 4"]
    assert len(set(ids)) == 5
    assert ids[2] == ids[texts.index("Text 2", 3)]
    assert run(STATES) == (
        "{'waiting': 0, 'sending': 0, 'sent': 5, 'failed': 1, 'held': 0, 'joined': 0} [False, True]"
    )
