"""Signatures of requests to buckets: AWS Signature Version 4, with the payload signed.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

_SERVICE = "s3"
_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketKeys:
    """Who asks."""

    region: str
    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    """Of a session; empty for lasting keys."""


def signed_headers(
    keys: BucketKeys, method: str, path: str, headers: Mapping[str, str], at: datetime
) -> dict[str, str]:
    """Return the headers of a request with its signature.

    Parameters
    ----------
    path
        Quoted, as it is sent; without a query.
    headers
        All that are to be signed: ``host`` and ``x-amz-content-sha256`` at least, in small letters.
    at
        The time, by UTC; the server refuses one that is 15 minutes off.
    """
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    signed = {**headers, "x-amz-date": stamp}
    if keys.token:
        signed["x-amz-security-token"] = keys.token
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
    request = f"{method}\n{path}\n\n{lines}\n{names}\n{headers['x-amz-content-sha256']}"
    scope = f"{stamp[:8]}/{keys.region}/{_SERVICE}/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{digest}"
    signature = hmac.new(_key(keys, stamp[:8]), text.encode(), hashlib.sha256).hexdigest()
    signed["authorization"] = (
        f"{_ALGORITHM} Credential={keys.key_id}/{scope}, SignedHeaders={names},"
        f" Signature={signature}"
    )
    return signed


def _key(keys: BucketKeys, day: str) -> bytes:
    key = f"AWS4{keys.secret}".encode()
    for part in (day, keys.region, _SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
