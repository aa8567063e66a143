{{/*
Names and small pieces. Names are kept so short that every one that is derived from them fits:
a StatefulSet's revision label (63 characters) is the release's 24, "-plugin-gateway-", a pool's 12
and a hash.
*/}}

{{- define "flowyard.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 24 | trimSuffix "-" -}}
{{- end -}}

{{- define "flowyard.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 24 | trimSuffix "-" -}}
{{- else if contains (include "flowyard.name" .) .Release.Name -}}
{{- .Release.Name | trunc 24 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "flowyard.name" .) | trunc 24 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects the pods of one component, or of one of its pools: never changed by an upgrade. */}}
{{- define "flowyard.selector" -}}
app.kubernetes.io/name: {{ include "flowyard.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- with .pool }}
flowyard-pool: {{ . }}
{{- end }}
{{- end -}}

{{- define "flowyard.labels" -}}
{{ include "flowyard.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: flowyard
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A number as people write it: values are floats, which print 4194304 as 4.194304e+06. */}}
{{- define "flowyard.plain" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{/* A pool: what all pools of its kind have, with what it says itself put over it, as YAML. */}}
{{- define "flowyard.pool" -}}
{{- $merged := deepCopy (omit .all "pools") -}}
{{- range $key, $value := .own -}}
{{- if and (kindIs "map" $value) (kindIs "map" (get $merged $key)) -}}
{{- range $inner, $one := $value -}}{{- $_ := set (get $merged $key) $inner $one -}}{{- end -}}
{{- else -}}
{{- $_ := set $merged $key $value -}}
{{- end -}}
{{- end -}}
{{- toYaml $merged -}}
{{- end -}}

{{/* The image of a component: by digest where one is given, else by tag. */}}
{{- define "flowyard.image" -}}
{{- $image := .values.image -}}
{{- $name := $image.repository -}}
{{- with .root.Values.image.registry -}}{{- $name = printf "%s/%s" (trimSuffix "/" .) $name -}}{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .root.Chart.AppVersion .root.Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "flowyard.apiUrl" -}}
{{- printf "http://%s-api.%s.svc:%v" (include "flowyard.fullname" .) .Release.Namespace .Values.api.service.port -}}
{{- end -}}

{{/* How many plugin gateways a pool may have at most: as many have an address for workers. */}}
{{- define "flowyard.mostReplicas" -}}
{{- if .autoscaling.enabled -}}{{ include "flowyard.plain" .autoscaling.maxReplicas }}{{- else -}}{{ include "flowyard.plain" .replicas }}{{- end -}}
{{- end -}}

{{/* The addresses of every plugin gateway that a pool of workers uses, separated by commas. */}}
{{- define "flowyard.gatewayUrls" -}}
{{- $root := .root -}}
{{- $urls := list -}}
{{- range $name := .pool.gateways -}}
{{- if not (hasKey $root.Values.pluginGateway.pools $name) -}}
{{- fail (printf "worker.pools.%s.gateways names %s, which is none of pluginGateway.pools" $.name $name) -}}
{{- end -}}
{{- $own := get $root.Values.pluginGateway.pools $name -}}
{{- $gateway := include "flowyard.pool" (dict "all" $root.Values.pluginGateway "own" $own) | fromYaml -}}
{{- $full := printf "%s-plugin-gateway-%s" (include "flowyard.fullname" $root) $name -}}
{{- range $index := until (int (include "flowyard.mostReplicas" $gateway)) -}}
{{- $urls = append $urls (printf "http://%s-%d.%s:8080" $full $index $full) -}}
{{- end -}}
{{- end -}}
{{- join "," $urls -}}
{{- end -}}

{{/* The queues whose steps reach a pool of plugin gateways, as a JSON list. */}}
{{- define "flowyard.gatewayQueues" -}}
{{- $root := .root -}}
{{- $queues := list -}}
{{- range $name, $own := $root.Values.worker.pools -}}
{{- $worker := include "flowyard.pool" (dict "all" $root.Values.worker "own" $own) | fromYaml -}}
{{- if has $.name $worker.gateways -}}
{{- $queues = concat $queues $worker.queues -}}
{{- end -}}
{{- end -}}
{{- $queues | uniq | sortAlpha | toJson -}}
{{- end -}}
