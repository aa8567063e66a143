{{/*
What each service is told by its environment: only what it needs. Workers know neither Postgres nor
the key, plugin gateways do not know Kafka, and the key is nowhere but with plugin gateways.
*/}}

{{- define "flowyard.env.database" }}
- name: FLOWYARD_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret }}
      key: {{ .Values.database.key }}
{{- end -}}

{{- define "flowyard.env.kafka" }}
- name: FLOWYARD_KAFKA_SERVERS
{{- if .Values.kafka.existingSecret }}
  valueFrom:
    secretKeyRef:
      name: {{ .Values.kafka.existingSecret }}
      key: {{ .Values.kafka.key }}
{{- else }}
  value: {{ .Values.kafka.servers | quote }}
{{- end }}
{{- include "flowyard.env.kafkaSecurity" .Values.kafka.security }}
- name: FLOWYARD_PARTITIONS
  value: {{ include "flowyard.plain" .Values.partitions | quote }}
{{- end -}}

{{- define "flowyard.env.kafkaSecurity" }}
{{- if ne .protocol "PLAINTEXT" }}
- name: FLOWYARD_KAFKA_SECURITY_PROTOCOL
  value: {{ .protocol }}
{{- end }}
{{- if hasPrefix "SASL" .protocol }}
- name: FLOWYARD_KAFKA_SASL_MECHANISM
  value: {{ .mechanism }}
- name: FLOWYARD_KAFKA_SASL_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ required "kafka.security.login.existingSecret is needed to log in to Kafka" .login.existingSecret }}
      key: {{ .login.usernameKey }}
- name: FLOWYARD_KAFKA_SASL_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .login.existingSecret }}
      key: {{ .login.passwordKey }}
{{- end }}
{{- if .certificates.existingSecret }}
{{- $files := dict "CA" .certificates.caKey "CERTIFICATE" .certificates.certificateKey "KEY" .certificates.keyKey }}
{{- range $name, $key := $files }}
{{- with $key }}
- name: FLOWYARD_KAFKA_SSL_{{ $name }}_FILE
  value: /etc/flowyard/kafka/{{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "flowyard.env.api" }}
{{- include "flowyard.env.database" .root }}
{{- include "flowyard.env.kafka" .root }}
- name: FLOWYARD_API_PUBLIC_URL
  value: {{ .root.Values.publicUrl | quote }}
{{- with .root.Values.telemetry.traceUrl }}
- name: FLOWYARD_API_TRACE_URL
  value: {{ . | quote }}
{{- end }}
{{- include "flowyard.env.place-of-archives" .root.Values.archive }}
{{- include "flowyard.env.service" . }}
{{- end -}}

{{- define "flowyard.env.place-of-archives" }}
{{- if .existingClaim }}
- name: FLOWYARD_API_ARCHIVE_URL
  value: file:///var/lib/flowyard/archive
{{- else if .url }}
- name: FLOWYARD_API_ARCHIVE_URL
  value: {{ .url | quote }}
- name: FLOWYARD_API_ARCHIVE_ENDPOINT
  value: {{ .endpoint | quote }}
- name: FLOWYARD_API_ARCHIVE_REGION
  value: {{ .region | quote }}
- name: FLOWYARD_API_ARCHIVE_KEY_ID
  valueFrom:
    secretKeyRef:
      name: {{ required "archive.url needs archive.existingSecret, with the store's keys" .existingSecret }}
      key: {{ .keyIdKey }}
- name: FLOWYARD_API_ARCHIVE_SECRET_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret }}
      key: {{ .secretKeyKey }}
{{- end }}
{{- end -}}

{{- define "flowyard.env.scheduler" }}
{{- include "flowyard.env.database" .root }}
{{- include "flowyard.env.kafka" .root }}
- name: FLOWYARD_SCHEDULER_PUBLIC_URL
  value: {{ .root.Values.publicUrl | quote }}
{{- include "flowyard.env.service" . }}
{{- end -}}

{{- define "flowyard.env.worker" }}
{{- include "flowyard.env.kafka" .root }}
- name: FLOWYARD_WORKER_PLUGIN_GATEWAY_URLS
  value: {{ include "flowyard.gatewayUrls" (dict "root" .root "pool" .values "name" .pool) | quote }}
- name: FLOWYARD_WORKER_QUEUES
  value: {{ join "," .values.queues | quote }}
- name: FLOWYARD_WORKER_SLOTS
  value: {{ include "flowyard.plain" .values.slots | quote }}
{{- include "flowyard.env.service" . }}
{{- end -}}

{{- define "flowyard.env.plugin-gateway" }}
{{- include "flowyard.env.database" .root }}
- name: FLOWYARD_PLUGIN_GATEWAY_SECRET_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .root.Values.secretKey.existingSecret }}
      key: {{ .root.Values.secretKey.key }}
- name: FLOWYARD_PLUGIN_GATEWAY_CALLBACK_URL
  value: {{ .root.Values.publicUrl | quote }}
{{- include "flowyard.env.service" . }}
{{- end -}}

{{- define "flowyard.env.migrate" }}
{{- include "flowyard.env.database" .root }}
{{- include "flowyard.env.kafka" .root }}
{{- include "flowyard.env.extra" . }}
{{- end -}}

{{/* What every service has: its share of traces, where they go, its settings, and what is added. */}}
{{- define "flowyard.env.service" }}
{{- $prefix := printf "FLOWYARD_%s" (.component | upper | replace "-" "_") }}
{{- $telemetry := .root.Values.telemetry }}
- name: {{ $prefix }}_TRACE_SAMPLE_RATIO
  value: {{ include "flowyard.plain" $telemetry.sampleRatio | quote }}
{{- range $field, $value := .values.settings }}
- name: {{ $prefix }}_{{ upper $field }}
  value: {{ include "flowyard.plain" $value | quote }}
{{- end }}
{{- with $telemetry.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: OTEL_RESOURCE_ATTRIBUTES
  value: {{ printf "service.instance.id=$(POD_NAME),k8s.pod.name=$(POD_NAME),k8s.namespace.name=%s" $.root.Release.Namespace | quote }}
{{- end }}
{{- with $telemetry.headersSecret.name }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: {{ $telemetry.headersSecret.key }}
{{- end }}
{{- range $name, $value := $telemetry.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- include "flowyard.env.extra" . }}
{{- end -}}

{{- define "flowyard.env.extra" }}
{{- with concat .root.Values.extraEnv .values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
