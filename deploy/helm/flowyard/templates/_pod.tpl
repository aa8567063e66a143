{{/*
The pod of every service, alike. Takes root, component, pool (or ""), values, grace (seconds) and
lingers (whether it waits for load balancers to forget it before it stops).
*/}}
{{- define "flowyard.pod" -}}
metadata:
  labels:
    {{- include "flowyard.labels" . | nindent 4 }}
    {{- with .values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "flowyard.serviceAccount" .root }}
  {{- include "flowyard.podSecurity" . | nindent 2 }}
  terminationGracePeriodSeconds: {{ .grace }}
  {{- with .values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- include "flowyard.placement" . | nindent 2 }}
  {{- with .values.topologySpread }}
  topologySpreadConstraints:
    {{- range . }}
    - {{- toYaml . | nindent 6 }}
      labelSelector:
        matchLabels:
          {{- include "flowyard.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .component }}
      {{- include "flowyard.container" . | nindent 6 }}
      args: [{{ .component }}, --log-level, {{ .values.logLevel }}]
      ports:
        - name: http
          containerPort: 8080
      {{- include "flowyard.probes" . | nindent 6 }}
      {{- if .lingers }}
      # Until every load balancer knows that it goes.
      lifecycle:
        preStop:
          exec:
            command: [sleep, "5"]
      {{- end }}
  {{- include "flowyard.volumes" . | nindent 2 }}
{{- end -}}

{{- define "flowyard.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "flowyard.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "flowyard.podSecurity" -}}
automountServiceAccountToken: false
# A Service called flowyard-api would set FLOWYARD_API_PORT to an address, which is no port.
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "flowyard.placement" -}}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "flowyard.container" -}}
image: {{ include "flowyard.image" . }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
env:
  {{- include (printf "flowyard.env.%s" .component) . | trim | nindent 2 }}
resources:
  {{- toYaml .values.resources | nindent 2 }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- if include "flowyard.kafkaCertificates" . }}
  - name: kafka-certificates
    mountPath: /etc/flowyard/kafka
    readOnly: true
  {{- end }}
  {{- if and (eq .component "api") .root.Values.archive.existingClaim }}
  - name: archive
    mountPath: /var/lib/flowyard/archive
  {{- end }}
  {{- with .values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* The secret with certificates for Kafka, for whatever talks to it. */}}
{{- define "flowyard.kafkaCertificates" -}}
{{- if ne .component "plugin-gateway" -}}
{{- .root.Values.kafka.security.certificates.existingSecret -}}
{{- end -}}
{{- end -}}

{{- define "flowyard.volumes" -}}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
  {{- with include "flowyard.kafkaCertificates" . }}
  - name: kafka-certificates
    secret:
      secretName: {{ . }}
  {{- end }}
  {{- if and (eq .component "api") .root.Values.archive.existingClaim }}
  - name: archive
    persistentVolumeClaim:
      claimName: {{ .root.Values.archive.existingClaim }}
  {{- end }}
  {{- with .values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/*
A service answers /healthz as soon as it listens, also while Postgres and Kafka are away, so that
nobody is restarted for what a restart cannot mend. /readyz answers within 2 s.
*/}}
{{- define "flowyard.probes" -}}
startupProbe:
  httpGet:
    path: /healthz
    port: http
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /healthz
    port: http
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    port: http
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end -}}

{{/* A disruption budget: takes root, component, pool, name and values. */}}
{{- define "flowyard.budget" -}}
{{- if .root.Values.podDisruptionBudget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "flowyard.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .root.Values.podDisruptionBudget.maxUnavailable }}
  # What does not work is not in the way of those who empty a node.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "flowyard.selector" . | nindent 6 }}
{{- end }}
{{- end -}}
