"""Serves the application from several processes, forked from one that has imported it.

    python -m service.prefork --workers 3 --port 8000

What takes seconds is importing the SDKs. A worker that is started anew would spend them again, on
the processors that the others need to answer; a forked one answers at once. One that dies is
replaced, and SIGTERM ends them all once they have answered what they were asked.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import sys
import time
import traceback
from types import FrameType
from typing import NoReturn

import uvicorn

from service.app import app
from service.asking import Models

BACKLOG = 2_048
ENDING = (signal.SIGTERM, signal.SIGINT)
SECONDS_BETWEEN = 0.05
"""Between two forks, so that a worker that dies at once takes no processor with it."""


def serve(listening: socket.socket) -> None:
    """One worker, until it is told to stop."""
    config = uvicorn.Config(app, log_level="warning", access_log=False, backlog=BACKLOG)
    uvicorn.Server(config).run(sockets=[listening])


class Supervisor:
    """Keeps so many workers alive on one listening socket, until SIGTERM or SIGINT."""

    def __init__(self, listening: socket.socket, workers: int) -> None:
        self._listening = listening
        self._wanted = workers
        self._workers: set[int] = set()
        self._ending = False

    def run(self) -> None:
        """Fork workers and replace those that die; returns once all have ended."""
        for number in ENDING:
            signal.signal(number, self._end)
        while self._workers or not self._ending:
            while self._fork_another():
                time.sleep(SECONDS_BETWEEN)
            with contextlib.suppress(ChildProcessError):
                self._workers.discard(os.wait()[0])

    def _fork_another(self) -> bool:
        """Whether one was missing. A signal waits until the new one is known, or it missed it."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            if self._ending or len(self._workers) >= self._wanted:
                return False
            pid = os.fork()
            if not pid:
                self._serve()
            self._workers.add(pid)
            return True
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def _serve(self) -> NoReturn:
        code = 1
        try:
            for number in ENDING:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            serve(self._listening)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)  # nothing of the supervisor's is a worker's to do

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):  # ended just now, and not yet struck off
                os.kill(worker, signal.SIGTERM)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fd", type=int, help="a socket that listens already, by its descriptor")
    options = parser.parse_args()
    listening = (
        socket.create_server(("127.0.0.1", options.port), backlog=BACKLOG)
        if options.fd is None
        else socket.socket(fileno=options.fd)
    )
    Models()  # has the SDKs import what they put off, and says here what they lack, such as a key
    Supervisor(listening, options.workers).run()


if __name__ == "__main__":
    main()
