"""The limit: a Starlette route that answers a file's bytes from memory, and nothing else."""

import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main(page: Path) -> None:
    """Serve the bytes of ``page`` until told to stop."""
    body = page.read_bytes()

    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    app = Starlette(routes=[Route("/page", answer)])
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.bind(("127.0.0.1", 0))
    line.listen(1024)
    print(f"http://127.0.0.1:{line.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[line])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
