"""Sends spans and durations by the Python SDK of OpenTelemetry, as an agent written in Python does: protobuf over HTTP.

Arguments: address of the traces, address of the metrics, bearer token, `gzip` or `none`. Ends with 1 where something was not taken.
"""

import sys
import time

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExportResult, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.trace import Status, StatusCode

traces, metrics, token, compression = sys.argv[1:5]
given = {
    "headers": {"authorization": f"Bearer {token}"},
    "compression": Compression.Gzip if compression == "gzip" else Compression.NoCompression,
    "timeout": 10,
}
resource = Resource.create({"service.name": "python-agent"})
refused = []


class Spans(OTLPSpanExporter):
    def export(self, spans):
        result = super().export(spans)
        if result is not SpanExportResult.SUCCESS:
            refused.append("spans")
        return result


class Metrics(OTLPMetricExporter):
    def export(self, metrics_data, *more, **named):
        result = super().export(metrics_data, *more, **named)
        if result is not MetricExportResult.SUCCESS:
            refused.append("metrics")
        return result


provider = TracerProvider(resource=resource)
provider.add_span_processor(SimpleSpanProcessor(Spans(endpoint=traces, **given)))
tracer = provider.get_tracer("trial")


def span(name, milliseconds, error=None, **attributes):
    end = time.time_ns()
    operation = name.split(" ")[0]
    one = tracer.start_span(name, start_time=end - milliseconds * 1_000_000, attributes={"gen_ai.operation.name": operation})
    for key, value in attributes.items():
        one.set_attribute("gen_ai." + key.replace("__", "."), value)
    if error:
        one.set_attribute("error.type", error)
        one.set_status(Status(StatusCode.ERROR))
    one.end(end)


span("invoke_agent main", 1_000, agent__name="main")
span("invoke_agent main", 3_000, error="timeout", agent__name="main")
span("chat small", 200, request__model="small", usage__input_tokens=7, usage__output_tokens=3)
provider.shutdown()

reader = PeriodicExportingMetricReader(Metrics(endpoint=metrics, **given), export_interval_millis=3_600_000)
meters = MeterProvider(resource=resource, metric_readers=[reader])
durations = meters.get_meter("trial").create_histogram("gen_ai.invoke_agent.duration", unit="s")
for seconds in (0.5, 3):
    durations.record(seconds)
meters.shutdown()
sys.exit(1 if refused else 0)
