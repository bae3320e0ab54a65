"""Run `taskhub` as people do: a process of its own, with an environment that holds no setting by chance."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from taskhub.cli import main

TASKHUB = (sys.executable, "-m", "taskhub")


def clean_environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without any TASKHUB_ setting, and with `settings`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TASKHUB_")}
    return {**inherited, "PYTHONUNBUFFERED": "1", **(settings or {})}


def run_taskhub(
    *arguments: str,
    env: Mapping[str, str],
    stdin: str = "",
    check: bool = True,
    cwd: Path | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run `taskhub ARGUMENTS` to its end under the settings `env`; with `check` it must end with status 0."""
    done = subprocess.run(
        [*TASKHUB, *arguments],
        env=clean_environment(env),
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=timeout,
    )
    return _checked(done, arguments) if check else done


def call_taskhub(
    *arguments: str, env: Mapping[str, str], stdin: str = "", check: bool = True
) -> subprocess.CompletedProcess[str]:
    """As `run_taskhub`, but within this process, in a tenth of the time: for what a command does, not how it is run.

    Where an event loop runs already, it is run in a thread beside it; not for what handles signals, then.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        done = _call(arguments, env, stdin)
    else:
        with ThreadPoolExecutor(1) as thread:
            done = thread.submit(_call, arguments, env, stdin).result()
    return _checked(done, arguments) if check else done


def _call(arguments: tuple[str, ...], env: Mapping[str, str], stdin: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: None for name in os.environ if name.startswith("TASKHUB_")}
    command = ["taskhub", *arguments]
    with (
        CliRunner().isolation(stdin, {**inherited, **env}) as (stdout, stderr, _),
        mock.patch.object(sys, "argv", command),
    ):
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
    return subprocess.CompletedProcess(command, status, stdout.getvalue().decode(), stderr.getvalue().decode())


def _checked(done: subprocess.CompletedProcess[str], arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    if done.returncode:
        words = f"{done.stdout}{done.stderr}"
        raise AssertionError(f"taskhub {' '.join(arguments)} ended with {done.returncode}:\n{words}")
    return done
