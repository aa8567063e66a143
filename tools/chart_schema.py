"""Makes ``values.schema.json`` of the Helm chart: what may be set, and nothing else.

The ``settings`` of each service are the fields of its ``Settings``, without those that the
chart sets itself, so that a misspelt one is refused before anything is installed.
"""

import json
from typing import Any

import flowyard_api.settings
import flowyard_plugin_gateway.settings
import flowyard_scheduler.settings
import flowyard_worker.settings
from flowyard.messaging.kafka_security import KafkaSecuritySettings
from flowyard.settings import ServiceSettings

Schema = dict[str, Any]

SETTINGS: dict[str, type[ServiceSettings]] = {
    "api": flowyard_api.settings.Settings,
    "scheduler": flowyard_scheduler.settings.Settings,
    "worker": flowyard_worker.settings.Settings,
    "pluginGateway": flowyard_plugin_gateway.settings.Settings,
}
"""Settings of each service, by the name of its section in the values."""

SET_BY_CHART = {
    "host", "port", "database_url", "kafka_servers", "public_url", "callback_url", "partitions",
    "trace_sample_ratio", "trace_url", "plugin_gateway_urls", "queues", "slots", "secret_key",
    "archive_url", "archive_endpoint", "archive_region", "archive_key_id", "archive_secret_key",
    "archive_session_token", *KafkaSecuritySettings.model_fields,
}  # fmt: skip
"""Fields that follow from other values; the address to listen on is the image's."""

POOL_NAME = r"^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$"
"""Short enough for the names that are derived from it."""

QUEUE_NAME = r"^[a-z0-9][a-z0-9_-]{0,49}$"
"""As the API knows queues."""

TEXT: Schema = {"type": "string"}
NAMED: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
PORT: Schema = {"type": "integer", "minimum": 1, "maximum": 65535}
ANYTHING: Schema = {"type": "object"}
OBJECTS: Schema = {"type": "array", "items": {"type": "object"}}
TEXTS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
COUNT: Schema = {"type": "integer", "minimum": 0}
SOME: Schema = {"type": "integer", "minimum": 1}
AMOUNT: Schema = {"type": "number", "exclusiveMinimum": 0}


def closed(properties: Schema, *, required: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object that has these properties and no others."""
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return schema | {"required": list(required)} if required else schema


def settings_schema(model: type[ServiceSettings]) -> Schema:
    """Return what may be set of a service, by the names of its fields."""
    known = model.model_json_schema(by_alias=False)["properties"]
    kept = ("type", "enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "anyOf")
    return closed(
        {
            field: {key: value for key, value in schema.items() if key in kept}
            for field, schema in sorted(known.items())
            if field not in SET_BY_CHART
        }
    )


def _variables() -> Schema:
    variable = {"type": "object", "required": ["name"], "properties": {"name": NAMED}}
    return {"type": "array", "items": variable}


def _pod() -> Schema:
    """Return what the pods of every service, and those of the migration, have in common."""
    digest = {"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"}
    return {
        "image": closed({"repository": NAMED, "digest": digest}),
        "logLevel": {"enum": ["DEBUG", "INFO", "WARNING", "ERROR"]},
        "resources": closed({"requests": ANYTHING, "limits": ANYTHING, "claims": OBJECTS}),
        "nodeSelector": TEXTS,
        "tolerations": OBJECTS,
        "affinity": ANYTHING,
        "priorityClassName": TEXT,
        "extraEnv": _variables(),
        "extraVolumes": OBJECTS,
        "extraVolumeMounts": OBJECTS,
        "podAnnotations": TEXTS,
        "podLabels": TEXTS,
    }


def _service(section: str) -> Schema:
    spread = {
        "type": "object",
        "required": ["maxSkew", "topologyKey", "whenUnsatisfiable"],
        "not": {"required": ["labelSelector"]},
    }
    return _pod() | {
        "replicas": COUNT,
        "settings": settings_schema(SETTINGS[section]),
        "topologySpread": {"type": "array", "items": spread},
    }


def _scaling() -> Schema:
    return closed(
        {
            "enabled": FLAG,
            "minReplicas": COUNT,
            "maxReplicas": SOME,
            "waitingSteps": SOME,
            "handedOutSteps": SOME,
            "waitingStarts": SOME,
            "oldestSeconds": AMOUNT,
        }
    )


def _pooled(properties: Schema) -> Schema:
    pools = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": POOL_NAME},
        "additionalProperties": closed(properties),
    }
    return closed(properties | {"pools": pools})


def _names(pattern: str) -> Schema:
    names = {"type": "string", "pattern": pattern}
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": names}


def _worker() -> Schema:
    own = {
        "queues": _names(QUEUE_NAME),
        "slots": SOME,
        "gateways": _names(POOL_NAME),
        "autoscaling": _scaling(),
    }
    return _pooled(_service("worker") | own)


def _plugin_gateway() -> Schema:
    own = {"autoscaling": _scaling(), "egress": OBJECTS}
    return _pooled(_service("pluginGateway") | own)


def _api() -> Schema:
    service = closed(
        {
            "type": {"enum": ["ClusterIP", "NodePort", "LoadBalancer"]},
            "port": PORT,
            "annotations": TEXTS,
        }
    )
    return closed(_service("api") | {"service": service})


def _archive() -> Schema:
    return closed(
        {
            "url": {"type": "string", "pattern": "^(s3://[^/]+(/.*[^/])?)?$"},
            "endpoint": {"type": "string", "pattern": "^https?://.+"},
            "region": NAMED,
            "existingSecret": TEXT,
            "keyIdKey": NAMED,
            "secretKeyKey": NAMED,
            "existingClaim": TEXT,
        }
    )


def _telemetry() -> Schema:
    names = {"type": "object", "propertyNames": {"pattern": "^OTEL_[A-Z_]+$"}}
    return closed(
        {
            "endpoint": {"type": "string", "pattern": "^(https?://.+)?$"},
            "sampleRatio": {"type": "number", "minimum": 0, "maximum": 1},
            "traceUrl": {"type": "string", "pattern": r"^(https?://.*\{trace_id\}.*)?$"},
            "headersSecret": closed({"name": TEXT, "key": NAMED}),
            "env": names | {"additionalProperties": TEXT},
        }
    )


def _autoscaling() -> Schema:
    api = closed({"existingSecret": NAMED, "key": NAMED, "from": OBJECTS})
    prometheus = closed(
        {
            "serverAddress": {"type": "string", "pattern": "^https?://.+"},
            "selector": {"type": "string", "pattern": "^[^{}']*$"},
            "authentication": TEXT,
        }
    )
    return closed(
        {
            "source": {"enum": ["api", "prometheus"]},
            "pollingSeconds": SOME,
            "cooldownSeconds": COUNT,
            "api": api,
            "prometheus": prometheus,
            "behavior": ANYTHING,
        }
    )


def _network() -> Schema:
    to = closed({"port": PORT, "to": OBJECTS})
    from_ = closed({"from": OBJECTS})
    return closed(
        {
            "enabled": FLAG,
            "dns": closed({"to": OBJECTS}),
            "postgres": to,
            "kafka": to,
            "telemetry": to,
            "archive": to,
            "api": from_,
            "metrics": from_,
        }
    )


def _around() -> Schema:
    """Return what is set beside the services."""
    most = {"type": ["integer", "string"], "minimum": 1, "pattern": "^[1-9][0-9]?%$|^100%$"}
    monitor = closed({"enabled": FLAG, "interval": NAMED, "labels": TEXTS})
    rule = closed({"enabled": FLAG, "labels": TEXTS, "runbooks": NAMED})
    ingress = {
        "enabled": FLAG,
        "className": TEXT,
        "host": TEXT,
        "tlsSecret": TEXT,
        "annotations": TEXTS,
    }
    return {
        "ingress": closed(ingress),
        "autoscaling": _autoscaling(),
        "networkPolicy": _network(),
        "metrics": closed({"podMonitor": monitor, "prometheusRule": rule}),
        "podDisruptionBudget": closed({"enabled": FLAG, "maxUnavailable": most}),
        "serviceAccount": closed({"create": FLAG, "name": TEXT, "annotations": TEXTS}),
    }


def _kafka() -> Schema:
    security = {
        "protocol": {"enum": ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]},
        "mechanism": {"enum": ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]},
        "login": closed({"existingSecret": TEXT, "usernameKey": NAMED, "passwordKey": NAMED}),
        "certificates": closed(
            {"existingSecret": TEXT, "caKey": TEXT, "certificateKey": TEXT, "keyKey": TEXT}
        ),
    }
    return closed(
        {"servers": NAMED, "existingSecret": TEXT, "key": NAMED, "security": closed(security)}
    )


def _shared() -> Schema:
    """Return what is set once for all services."""
    image = {
        "registry": TEXT,
        "tag": TEXT,
        "pullPolicy": {"enum": ["Always", "IfNotPresent", "Never"]},
        "pullSecrets": {"type": "array", "items": NAMED},
    }
    return {
        "global": ANYTHING,
        "nameOverride": TEXT,
        "fullnameOverride": TEXT,
        "publicUrl": {"type": "string", "pattern": "^https?://[^/]+(/.*[^/])?$"},
        "partitions": SOME,
        "image": closed(image),
        "database": closed({"existingSecret": NAMED, "key": NAMED}),
        "kafka": _kafka(),
        "secretKey": closed({"existingSecret": NAMED, "key": NAMED}),
        "archive": _archive(),
        "telemetry": _telemetry(),
        "extraEnv": _variables(),
        "commonLabels": TEXTS,
    }


def values_schema() -> Schema:
    """Return the schema of the chart's values."""
    # Older Helm knows no later draft.
    head: Schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Values of the chart flowyard; made by `make docs` from tools/chart_schema.py",
    }
    services = {
        "api": _api(),
        "scheduler": closed(_service("scheduler")),
        "worker": _worker(),
        "pluginGateway": _plugin_gateway(),
        "migrate": closed(_pod() | {"enabled": FLAG, "deadlineSeconds": SOME}),
    }
    return head | closed(_shared() | services | _around())


def values_schema_page() -> str:
    """Return the schema as the chart holds it."""
    return json.dumps(values_schema(), indent=2) + "\n"
