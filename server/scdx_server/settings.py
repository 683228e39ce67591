"""The server's settings: variables ``SCDX_…``, which options on the command line beat."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MOST_TOKEN_SECONDS = 900


class Settings(BaseSettings):
    """Every setting with its default; ``docs/guides/settings.md`` explains each."""

    model_config = SettingsConfigDict(env_prefix="SCDX_", extra="ignore")

    data: Path = Field(default=Path("scdx-server"), description="Folder of database and keys.")
    database: str = Field(
        default="",
        repr=False,
        description="postgresql://… instead of SQLite's file in the data folder.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(
        default=8700, ge=0, le=65535, description="Port to listen on; 0 takes a free one."
    )
    workers: int = Field(
        default=1, ge=1, le=64, description="Processes that serve; more than one on PostgreSQL."
    )
    tls_cert: Path | None = Field(default=None, description="Certificate chain (PEM).")
    tls_key: Path | None = Field(default=None, description="Private key of the certificate (PEM).")
    insecure_loopback: bool = Field(
        default=False, description="Plain HTTP, on a loopback address alone."
    )
    public_url: str = Field(
        default="", description="Base URL that buyers use, if a proxy stands before."
    )
    token_seconds: int = Field(
        default=MOST_TOKEN_SECONDS, ge=1, le=MOST_TOKEN_SECONDS, description="Lifetime of a token."
    )
    page_size: int = Field(
        default=100, ge=1, le=1000, description="Entries a page without a limit."
    )
    max_page_size: int = Field(default=1000, ge=1, le=10_000, description="Entries a page at most.")
    max_body_bytes: int = Field(default=65_536, ge=1024, description="Largest request body.")
    max_publish_bytes: int = Field(
        default=16_777_216, ge=1024, description="Largest body of documents to publish."
    )
    max_exports: int = Field(
        default=4, ge=1, le=1000, description="Exports that run at the same time; others wait."
    )
    reads_per_minute: int = Field(
        default=60_000, ge=0, description="Requests a minute of one client; 0 is no limit."
    )
    tokens_per_minute: int = Field(
        default=600, ge=0, description="Token requests a minute of one client, and of one address."
    )
    auth_issuer: str = Field(
        default="", description="Issuer whose tokens count beside our own, by its URL."
    )
    auth_audience: str = Field(default="", description="What its tokens are for: their aud.")
    auth_claim: str = Field(
        default="azp", description="Claim of its tokens that holds a buyer's client id."
    )
    auth_jwks_url: str = Field(default="", description="Where its keys are, if not by discovery.")
    private_partners: bool = Field(
        default=False, description="Send events to partners in private networks too."
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Port on loopback for Prometheus; 0 is none."
    )
    otel: bool = Field(default=False, description="Send spans by OpenTelemetry.")
    request_days: int = Field(
        default=0, ge=0, le=365, description="Days that a PACT request waits for a footprint."
    )
    pact_2: bool = Field(default=False, description="Serve PACT 2.3 below /2/ too, to be read.")
