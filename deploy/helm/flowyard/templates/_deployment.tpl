{{/* A Deployment with its disruption budget: takes what flowyard.pod takes, and name. */}}
{{- define "flowyard.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "flowyard.labels" . | nindent 4 }}
spec:
  {{- if not (dig "autoscaling" "enabled" false .values) }}
  replicas: {{ include "flowyard.plain" .values.replicas }}
  {{- end }}
  minReadySeconds: 5
  # One by one, and none less than there should be.
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  selector:
    matchLabels:
      {{- include "flowyard.selector" . | nindent 6 }}
  template:
    {{- include "flowyard.pod" . | nindent 4 }}
{{- include "flowyard.budget" . }}
{{- end -}}
