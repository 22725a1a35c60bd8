"""`koinon check`: what a machine can judge. Each line is one tool; the first word that fails is told at the end."""

import os
import subprocess
import sys
import tempfile

PYTHON = sys.executable
TOOLS = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "."],
    "types": [PYTHON, "-m", "mypy"],
    "layers": [os.path.join(os.path.dirname(PYTHON), "lint-imports")],
    "templates": [PYTHON, "-m", "djlint", "src", "--lint", "--quiet"],
    "migrations": [PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run"],
    "rules": [PYTHON, "-m", "django", "check", "--fail-level", "WARNING"],
}


def main(only: list[str]) -> int:
    failed = []
    with tempfile.TemporaryDirectory(prefix="koinon-check-") as data:
        environment = os.environ | {"KOINON_DATA": data, "DJANGO_SETTINGS_MODULE": "koinon.settings"}
        for name, command in TOOLS.items():
            if only and name not in only:
                continue
            print(f"— {name}", flush=True)
            if subprocess.call(command, env=environment) != 0:
                failed.append(name)
    print(f"Not clean: {', '.join(failed)}" if failed else "Clean.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
