"""`make fuzz`: random commands with new seeds, on each database in turn, until the time is over or something fails.

`python -m tests.property [--minutes M] [PYTEST ARGUMENT…]`. A round that has begun is finished. Exit status 0, or
pytest's where a round failed: the shortest course to the failure is printed, and the command that walks it again.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shlex
import subprocess
import sys
import time

#: Courses of each start in one round on one database; both together take one minute or two.
COURSES = 8
TESTS = "tests/property/test_projects.py"


def main() -> int:
    """Fuzz until the time is over."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Random commands with new seeds.")
    parser.add_argument("--minutes", type=float, default=5, help="how long, 5 unless told")
    options, arguments = parser.parse_known_args()
    begun, rounds = time.monotonic(), 0
    while rounds == 0 or time.monotonic() - begun < options.minutes * 60:
        for database in ("sqlite", "postgresql"):
            # A seed that was given is the first one; later rounds go their own ways.
            seed = os.environ.get("FUZZ_SEED") if rounds == 0 else None
            chosen = {
                "FUZZ_SEED": seed or str(secrets.randbelow(10**9)),
                "FUZZ_COURSES": os.environ.get("FUZZ_COURSES", str(COURSES)),
                "FUZZ_COMMANDS": os.environ.get("FUZZ_COMMANDS", "60"),
                "FUZZ_SHRINKING": os.environ.get("FUZZ_SHRINKING", "180"),
            }
            command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS, "--db", database, *arguments]
            said = " ".join([*(f"{name}={value}" for name, value in chosen.items()), ".venv/bin/python"])
            again = f"{said} {shlex.join(command)}"
            print(f"== round {rounds + 1}: {again}", flush=True)
            # Shortening a failing course may take longer than a test that hangs is given.
            ended = subprocess.run(
                [sys.executable, *command, "-o", "faulthandler_timeout=1800"], env=os.environ | chosen, check=False
            )
            if ended.returncode:
                print(f"== found in round {rounds + 1}; the same again:\n{again}", flush=True)
                return ended.returncode
        rounds += 1
    print(f"== {rounds} rounds on each database in {time.monotonic() - begun:.0f} s: nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
