// Package zipkinexporter hands traces from the OpenTelemetry collector to a Zipkin server.
//
// The translation is OpenTelemetry's own; only the sending is here. The collector's exporter of
// this name is not among the modules whose checksums are published.
package zipkinexporter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin/zipkinv2"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configretry"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/exporterhelper"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// Config says where Zipkin takes spans.
type Config struct {
	// Endpoint ends with /api/v2/spans.
	Endpoint string `mapstructure:"endpoint"`
}

// Validate refuses a configuration that leads nowhere.
func (config *Config) Validate() error {
	if config.Endpoint == "" {
		return errors.New("expected an endpoint, but there is none")
	}
	return nil
}

// NewFactory makes exporters named zipkin.
func NewFactory() exporter.Factory {
	return exporter.NewFactory(
		component.MustNewType("zipkin"),
		func() component.Config { return &Config{} },
		exporter.WithTraces(newTraces, component.StabilityLevelDevelopment),
	)
}

func newTraces(
	ctx context.Context, settings exporter.Settings, config component.Config,
) (exporter.Traces, error) {
	sending := &sender{endpoint: config.(*Config).Endpoint}
	return exporterhelper.NewTraces(
		ctx,
		settings,
		config,
		sending.send,
		exporterhelper.WithRetry(configretry.NewDefaultBackOffConfig()),
	)
}

type sender struct {
	client   http.Client
	endpoint string
}

func (sending *sender) send(ctx context.Context, traces ptrace.Traces) error {
	spans, err := zipkinv2.FromTranslator{}.FromTraces(traces)
	if err != nil {
		return err
	}
	body, err := json.Marshal(spans)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPost, sending.endpoint, bytes.NewReader(body),
	)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := sending.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("expected Zipkin to take the spans, but it said %s", answer.Status)
	}
	return nil
}
