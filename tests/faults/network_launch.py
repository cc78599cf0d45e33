"""``tests/flow/launch.py`` for a process whose resolver fails on demand, below everything that Paperboy is made of.

``localhost`` is this machine, but not for the ports that stand in the file ``unresolvable`` beside the clock; each
name that was not resolved is a line in ``unresolved``. aiohttp, which would know a name for ten
seconds, asks each time.
"""

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from tests.flow.launch import run

Resolve = Callable[..., list[Any]]


def failing(folder: Path, resolve: Resolve) -> Resolve:
    """``socket.getaddrinfo`` as it is while a name server is away."""

    def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> list[Any]:
        if host not in {"localhost", b"localhost"}:
            return resolve(host, port, *rest, **more)
        away = folder / "unresolvable"
        if away.exists() and str(port) in away.read_text().split():
            with (folder / "unresolved").open("a") as said:
                said.write(f"{port}\n")
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return resolve("127.0.0.1", port, *rest, **more)

    return getaddrinfo


if __name__ == "__main__":
    defaults = aiohttp.TCPConnector.__init__.__kwdefaults__
    assert defaults is not None
    defaults["use_dns_cache"] = False
    socket.getaddrinfo = failing(Path(sys.argv[1]).parent, socket.getaddrinfo)
    sys.exit(run(sys.argv[1:]))
