"""Around every request: headers that each answer carries, a line for the log, no fault told."""

import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scdx_server.audit import Collector
from scdx_server.problems import Problem, answer

if TYPE_CHECKING:
    from scdx_server.metrics import Metrics
    from scdx_server.telemetry import Tracing

Log = Callable[[dict[str, object]], None]
_LONGEST_PATH = 200


class Envelope:
    """ASGI middleware; ``log`` gets one event a request, without headers, query or bodies."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        log: Log,
        accesses: Collector,
        metrics: "Metrics | None" = None,
        tracing: "Tracing | None" = None,
    ) -> None:
        self.app, self.log, self.accesses = app, log, accesses
        self.metrics, self.tracing = metrics, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self.tracing is None:
            await self._answer(scope, receive, send)
        else:
            from scdx_server.telemetry import finish

            with self.tracing.request(scope["method"]) as span:
                status = await self._answer(scope, receive, send)
                finish(span, scope["method"], route_of(scope), status)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> int:
        started, status = time.perf_counter(), 0

        async def sealed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers.setdefault("Cache-Control", "no-store")
                if scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        try:
            await self.app(scope, receive, sealed)
        except Exception as fault:
            self.log({"event": "fault", "trace": "".join(traceback.format_exception(fault))})
            if status == 0:
                told = answer(Request(scope), Problem(500, "the server failed; its log says why"))
                await told(scope, receive, sealed)
        finally:
            state = scope.get("state", {})
            method, path, client = scope["method"], scope["path"], state.get("client_id")
            if client:
                query = scope["query_string"].decode("ascii", "replace")
                what = f"{path}?{query}" if query else path
                self.accesses.add(client, method, what, str(status))
            event: dict[str, object] = {
                "event": "request",
                "method": method,
                "path": path[:_LONGEST_PATH],
                "status": status,
                "ms": round((time.perf_counter() - started) * 1000, 1),
                "client": client,
            }
            if "store_error" in state:
                event["problem"] = state["store_error"]
            self.log(event)
            if self.metrics is not None:
                seconds = time.perf_counter() - started
                self.metrics.request(method, route_of(scope), status, seconds)
        return status


def route_of(scope: Scope) -> str:
    """The route that answered a request, as a template; never what was asked for."""
    return str(getattr(scope.get("endpoint"), "route", "none"))
