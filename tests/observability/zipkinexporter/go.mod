module flowyard.test/zipkinexporter

go 1.25.0

require (
	github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin v0.150.0
	go.opentelemetry.io/collector/component v1.56.0
	go.opentelemetry.io/collector/config/configretry v1.56.0
	go.opentelemetry.io/collector/exporter v1.56.0
	go.opentelemetry.io/collector/exporter/exporterhelper v0.150.0
	go.opentelemetry.io/collector/pdata v1.56.0
)
