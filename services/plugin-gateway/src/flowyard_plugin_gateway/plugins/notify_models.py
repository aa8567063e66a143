"""What ``notify`` takes and gives."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from flowyard.contracts.plugin import PluginInputs, PluginOutputs

MAX_RECIPIENTS = 100
"""Most addresses of one mail: RFC 5321 has every server take at least this many."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9-]+"
_ADDRESS = rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*"

Mailbox = Annotated[
    str,
    Field(
        pattern=rf"^({_ADDRESS}|[^<>\x00-\x1f\x7f]*<{_ADDRESS}>)$",
        max_length=320,
        examples=["Operations <ops@example.com>"],
    ),
]
"""An address, alone or behind a name; nothing in it can begin another header."""

HeaderName = Annotated[str, Field(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", max_length=200)]
"""Name of an HTTP header."""

HeaderValue = Annotated[str, Field(pattern=r"^[\t\x20-\x7e]*$", max_length=8192)]
"""Value of an HTTP header; nothing in it can begin another one."""

OWN_HEADERS = frozenset(
    {
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "transfer-encoding",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }
)
"""Headers that the plugin alone writes, in lower case."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _without_own(headers: dict[str, str]) -> dict[str, str]:
    if taken := sorted(OWN_HEADERS & {name.lower() for name in headers}):
        raise ValueError(f"the plugin itself writes {', '.join(taken)}")
    return headers


class Webhook(_Part):
    """A receiver of JSON by HTTP POST.

    The call is signed as the Standard Webhooks say: `webhook-signature` is `v1,` and the
    base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`.
    """

    url: str = Field(
        pattern=r"^https?://", max_length=8192, examples=["https://chat.example.com/hooks/ops"]
    )
    secret: str | None = Field(
        default=None,
        min_length=1,
        description="What the call is signed with: its bytes, or after `whsec_` what its base64"
        " stands for. Left out, the call is not signed.",
        examples=["${secrets.WEBHOOK_SECRET}"],
    )
    headers: Annotated[dict[HeaderName, HeaderValue], AfterValidator(_without_own)] = Field(
        default_factory=dict, description="Further headers, such as `Authorization`."
    )
    payload: JsonValue = Field(
        default=None,
        description="Sent instead of the usual body, for receivers that want a form of their own.",
        examples=[{"msgtype": "text", "text": {"content": "Released ${version}"}}],
    )
    idempotent: bool = Field(
        default=False,
        description="Whether the receiver drops what it has seen before, by `webhook-id`. Then a"
        " call that may have been cut off is made again; else it is made at most once.",
    )


class Mail(_Part):
    """A mail server, and whom the mail is from and for."""

    host: str = Field(pattern=r"^[A-Za-z0-9.:-]+$", max_length=255, examples=["mail.example.com"])
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Left out, 587 for `starttls`, 465 for `implicit`, 25 for `none`.",
    )
    tls: Literal["starttls", "implicit", "none"] = Field(
        default="starttls",
        description="How the connection is encrypted: after a greeting, from the first byte, or"
        " not at all. The server's certificate is always checked.",
    )
    ca_certificates: str | None = Field(
        default=None,
        pattern=r"^[\x00-\x7f]*$",
        max_length=200_000,
        description="PEM of the authorities to trust instead of the machine's.",
    )
    username: str | None = Field(default=None, min_length=1, max_length=500)
    password: str | None = Field(
        default=None, max_length=2000, examples=["${secrets.MAIL_PASSWORD}"]
    )
    sender: Mailbox = Field(alias="from")
    to: list[Mailbox] = Field(
        min_length=1, max_length=MAX_RECIPIENTS, examples=[["Operations <ops@example.com>"]]
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("give both username and password, or neither")
        if self.username is not None and self.tls == "none":
            raise ValueError("a password is not sent over a connection without TLS")
        return self


class NotifyInputs(PluginInputs):
    """What to say, and by which channel: exactly one of `webhook` and `mail`."""

    subject: str = Field(
        default="",
        pattern=r"^[^\x00-\x1f\x7f]*$",
        max_length=500,
        description="One line.",
        examples=["Release of ${version} failed"],
    )
    text: str = Field(default="", max_length=100_000, description="Plain text.")
    data: dict[str, JsonValue] = Field(
        default_factory=dict, description="Facts for programs; only a webhook carries them."
    )
    webhook: Webhook | None = None
    mail: Mail | None = None
    timeout: float = Field(default=20, gt=0, le=55, description="Seconds for the whole delivery.")

    @model_validator(mode="after")
    def _has_one_channel(self) -> Self:
        if (self.webhook is None) == (self.mail is None):
            raise ValueError("give either webhook or mail")
        return self


class NotifyOutputs(PluginOutputs):
    """What the receiver said."""

    channel: Literal["webhook", "mail"] = Field(description="How it was sent.")
    message_id: str = Field(
        description="What the receiver knows it by: `webhook-id`, or the mail's `Message-ID`."
    )
    status: int | None = Field(default=None, description="HTTP status; for a webhook.")
    accepted: list[str] = Field(
        default_factory=list, description="Addresses that the server took; for a mail."
    )
    refused: list[str] = Field(
        default_factory=list,
        description="Addresses that it did not take, while it took others; for a mail.",
    )
