"""Requests to buckets are signed as AWS says."""

from datetime import UTC, datetime

from flowyard.archive.signing import BucketKeys, signed_headers

# Source: "Example: GET object" of
# https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
KEYS = BucketKeys(
    region="us-east-1",
    key_id="AKIAIOSFODNN7EXAMPLE",
    secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",  # noqa: S106  # of the documentation
)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
AT = datetime(2013, 5, 24, tzinfo=UTC)


def test_the_example_of_the_documentation_is_signed_as_it_says() -> None:
    signed = signed_headers(
        KEYS,
        "GET",
        "/test.txt",
        {
            "host": "examplebucket.s3.amazonaws.com",
            "range": "bytes=0-9",
            "x-amz-content-sha256": EMPTY,
        },
        AT,
    )

    assert signed["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        " SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        " Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_a_session_s_token_is_signed_too() -> None:
    keys = BucketKeys(region="us-east-1", key_id="id", secret="s", token="session")  # noqa: S106

    signed = signed_headers(keys, "GET", "/a", {"host": "x", "x-amz-content-sha256": EMPTY}, AT)

    assert signed["x-amz-security-token"] == "session"
    assert "x-amz-security-token" in signed["authorization"]


def test_secrets_are_not_shown() -> None:
    assert "wJalr" not in repr(KEYS)
