"""A process that has imported everything and forks workers on demand: killing hundreds of them stays cheap.

    python -m tests.faults.nursery          each line on its input is a worker to be, its number comes back
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


class Nursery:
    """The forking process, as the test sees it. What it forked is killed with it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "tests.faults.nursery"], cwd=ROOT, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.living: list[int] = []

    def fork(self, work: str, url: str, journal: Path, name: str) -> int:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([work, url, str(journal), name]) + "\n")
        self.process.stdin.flush()
        self.living.append(int(self.process.stdout.readline()))
        return self.living[-1]

    def kill(self, number: int) -> None:
        """Signal 9, and wait until the process is gone."""
        self.living.remove(number)
        os.kill(number, signal.SIGKILL)
        while True:
            try:
                os.kill(number, 0)
            except ProcessLookupError:
                return
            time.sleep(0.001)

    def close(self) -> None:
        for number in list(self.living):
            self.kill(number)
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


def main() -> None:
    from tests.faults.writer import WORK

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once
    for line in sys.stdin:
        work, url, journal, name = json.loads(line)
        child = os.fork()
        if child == 0:
            run(WORK[work], url, Path(journal), name)
        print(child, flush=True)


def run(work: Any, *given: Any) -> None:
    os.close(0)
    try:
        work(*given)
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
