"""Figures for Prometheus and spans for OpenTelemetry: routes, statuses, nothing of callers."""

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest
from supplier import Supplier, document, identity

from scdx_server import metrics, telemetry
from scdx_server.database import StoreError
from scdx_server.settings import Settings


def test_requests_are_counted_by_route_and_nothing_of_callers_is_shown(tmp_path: Path) -> None:
    with Supplier(tmp_path / "data", metrics_port=1) as supplier:
        supplier.publish(document("one"))
        buyer = supplier.buyer("Kommun", "all")
        buyer.get(f"/scdx/1/documents/{identity('one')}?secret=canary")
        buyer.get(f"/scdx/1/documents/{identity('absent')}")
        buyer.http.get("/unheard/canary")
        counted = supplier.running.metrics
        assert counted is not None
        deadline = time.monotonic() + 10
        while True:
            text = generate_latest(counted.registry).decode()
            if 'scdx_events{state="waiting"} 0.0' in text or time.monotonic() > deadline:
                break
            time.sleep(0.1)
    route = 'method="GET",route="/scdx/1/documents/{entry_id}"'
    assert f'scdx_requests_total{{{route},status="200"}} 1.0' in text
    assert f'scdx_requests_total{{{route},status="404"}} 1.0' in text
    assert 'route="none",status="404"' in text
    assert "scdx_commit_pieces_count" in text
    for secret in ("canary", identity("one"), buyer.credentials.client_id, "unheard"):
        assert secret not in text


def test_figures_are_shown_on_loopback(tmp_path: Path) -> None:
    counted = metrics.Metrics()
    counted.request("GET", "/x", 200, 0.1)
    server, port = metrics.listen(0, counted)
    try:
        answer = httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
        assert 'scdx_requests_total{method="GET",route="/x",status="200"} 1.0' in answer.text
        with pytest.raises(StoreError, match=f"port {port}"):
            metrics.listen(port, counted)
    finally:
        server.shutdown()
        server.server_close()


def test_several_processes_are_shown_as_one(tmp_path: Path) -> None:
    code = (
        "from scdx_server import metrics\n"
        "import subprocess, sys, urllib.request\n"
        "metrics.gather_processes()\n"
        "child = 'from scdx_server.metrics import Metrics; m = Metrics(); m.commit(3); "
        'm.events(2, 1, 5.0); m.request("GET", "/x", 200, 0.1)\'\n'
        "for _ in range(2): subprocess.run([sys.executable, '-c', child], check=True)\n"
        "server, port = metrics.listen(0)\n"
        "print(urllib.request.urlopen(f'http://127.0.0.1:{port}/').read().decode())\n"
        "server.shutdown(); metrics.forget_processes()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={**os.environ, "TMPDIR": str(tmp_path), "no_proxy": "127.0.0.1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert 'scdx_requests_total{method="GET",route="/x",status="200"} 2.0' in done.stdout
    assert 'scdx_events{state="waiting"} 2.0' in done.stdout
    assert not list(tmp_path.glob("scdx-metrics-*"))


def test_a_span_has_route_and_status_and_nothing_else(tmp_path: Path) -> None:
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    with Supplier(tmp_path / "data") as supplier:
        supplier.tracing = telemetry.Tracing(provider)
        buyer = supplier.buyer("Kommun", "all")
        buyer.get("/scdx/1/documents?limit=7", headers={"X-Canary": "canary"})
        buyer.get(f"/3/footprints/{identity('absent')}")
    told = {
        (span.name, span.attributes["http.response.status_code"])  # type: ignore[index]
        for span in spans.get_finished_spans()
    }
    assert ("GET /scdx/1/documents", 200) in told
    assert ("GET /3/footprints/{footprint_id}", 404) in told
    everything = " ".join(span.to_json() for span in spans.get_finished_spans())
    for secret in ("canary", "limit=7", buyer.credentials.client_id, identity("absent")):
        assert secret not in everything


@pytest.mark.parametrize(
    ("module", "make", "extra"),
    [
        ("prometheus_client", metrics.Metrics, "prometheus"),
        ("opentelemetry.sdk.trace", telemetry.Tracing, "otel"),
    ],
)
def test_a_missing_extra_is_told(
    monkeypatch: pytest.MonkeyPatch, module: str, make: type, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(StoreError, match=rf"scdx\[{extra}\]"):
        make()


def test_both_are_off_unless_asked_for() -> None:
    assert (Settings().metrics_port, Settings().otel) == (0, False)
