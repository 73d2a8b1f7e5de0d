"""Objects in S3; only the server reaches them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# S3 deletes at most 1000 keys a call.
BATCH = 1000
ABSENT = {"404", "NoSuchKey", "NotFound"}
CHANGED = {"412", "PreconditionFailed"}
# Two conditional writes of one key at once: the other one is about to win.
RACED = {"409", "ConditionalRequestConflict"}


class ObjectStore(Protocol):
    def get(self, key: str, if_match: str | None = None) -> bytes | None:
        """None when it is absent or its ETag is another."""
        ...

    def exists(self, key: str) -> bool: ...

    def put(self, key: str, body: bytes, content_type: str, *, if_absent: bool = False) -> bool:
        """False when `if_absent` found one."""
        ...

    def list(self, prefix: str) -> Iterator[str]: ...

    def delete(self, keys: Sequence[str]) -> None: ...


def make_client() -> "S3Client":
    """Region, credentials and a local endpoint (AWS_ENDPOINT_URL_S3) come from the environment, as in every SDK."""
    client: S3Client = boto3.client(
        "s3",
        config=ClientConfig(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 5},
            max_pool_connections=32,
            # A trailing checksum makes an aws-chunked body, which not every S3 reads; TLS covers the way.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    return client


class S3ObjectStore:
    """One bucket."""

    def __init__(self, bucket: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._client = client

    def get(self, key: str, if_match: str | None = None) -> bytes | None:
        try:
            if if_match is None:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            else:
                answer = self._client.get_object(Bucket=self._bucket, Key=key, IfMatch=if_match)
            return answer["Body"].read()
        except ClientError as error:
            if _code(error) in ABSENT | CHANGED:
                return None
            raise

    def exists(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if _code(error) in ABSENT:
                return False
            raise
        return True

    def put(self, key: str, body: bytes, content_type: str, *, if_absent: bool = False) -> bool:
        try:
            if if_absent:
                self._client.put_object(
                    Bucket=self._bucket, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*"
                )
            else:
                self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)
        except ClientError as error:
            if if_absent and _code(error) in CHANGED | RACED:
                return False
            raise
        return True

    def list(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            for entry in page.get("Contents", []):
                yield entry["Key"]

    def delete(self, keys: Sequence[str]) -> None:
        for at in range(0, len(keys), BATCH):
            batch = [{"Key": key} for key in keys[at : at + BATCH]]
            answer = self._client.delete_objects(
                Bucket=self._bucket,
                Delete={"Objects": batch, "Quiet": True},  # type: ignore[typeddict-item]
            )
            if answer.get("Errors"):
                raise OSError(f"{len(answer['Errors'])} objects could not be deleted")


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
