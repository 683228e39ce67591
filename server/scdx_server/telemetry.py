"""Spans for OpenTelemetry (an extra): one a request, named by its route, without what it carried.

Where they go is said by OpenTelemetry's own variables, such as OTEL_EXPORTER_OTLP_ENDPOINT.
"""

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from scdx_server.database import StoreError
from scdx_spec import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import TracerProvider


class Tracing:
    """Makes spans. Raises :class:`StoreError` where the extra lacks."""

    def __init__(self, provider: "TracerProvider | None" = None) -> None:
        try:
            from opentelemetry.sdk.trace import TracerProvider
        except ImportError:
            raise StoreError("SCDX_OTEL needs an extra: pip install 'scdx[otel]'") from None
        self.provider = provider or TracerProvider()
        if provider is None:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.trace.export import BatchSpanProcessor

            self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self.provider.get_tracer("scdx_server", __version__)

    def request(self, method: str) -> AbstractContextManager[Any]:
        """A span around a request; :func:`finish` it with its route and status."""
        return self._span(method)

    @contextmanager
    def _span(self, method: str) -> "Iterator[Any]":
        from opentelemetry.trace import SpanKind

        with self._tracer.start_as_current_span(method, kind=SpanKind.SERVER) as span:
            yield span

    def close(self) -> None:
        """Send what waits."""
        self.provider.shutdown()


def finish(span: Any, method: str, route: str, status: int) -> None:
    """Name a span by its route, and note how the request was answered."""
    span.update_name(f"{method} {route}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
