"""The keys of each role."""

from dataclasses import dataclass
from pathlib import Path

from sectorwars.application.keys import (
    AUDIT_KEY_FILE,
    BUS_KEY_FILE,
    FRAME_KEY_FILE,
    GATEWAY_KEY_FILE,
    SERVICE_KEY_FILE,
    TOKEN_KEY_FILE,
    SigningKey,
    load_secret,
    load_signing_key,
)


@dataclass(frozen=True, slots=True)
class EngineKeys:
    """What the writer's process alone signs with: published frames and heads of chains."""

    frame: SigningKey
    audit: SigningKey


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """What processes sign with that players reach; all of a galaxy have the same ones.

    `service` is the secret by which services are known; where it is None, none is.
    """

    token: SigningKey
    gateway: SigningKey
    service: bytes | None

    @classmethod
    def load(cls, directory: Path) -> "GatewayKeys":
        """Read the keys from `directory`, where they must be; that of services may be missing.

        Raises:
            KeyFileError: one of them is missing or cannot be used.
        """
        service = directory / SERVICE_KEY_FILE
        return cls(
            load_signing_key(directory / TOKEN_KEY_FILE, make=False),
            load_signing_key(directory / GATEWAY_KEY_FILE, make=False),
            load_secret(service, make=False) if service.exists() else None,
        )


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of a galaxy."""

    engine: EngineKeys
    gateway: GatewayKeys
    bus: bytes

    @classmethod
    def load(cls, directory: Path) -> "Keys":
        """Read the keys from `directory`, making at the first start those that are missing.

        Raises:
            KeyFileError: one of them cannot be used.
        """
        return cls(
            EngineKeys(
                load_signing_key(directory / FRAME_KEY_FILE),
                load_signing_key(directory / AUDIT_KEY_FILE),
            ),
            GatewayKeys(
                load_signing_key(directory / TOKEN_KEY_FILE),
                load_signing_key(directory / GATEWAY_KEY_FILE),
                load_secret(directory / SERVICE_KEY_FILE),
            ),
            load_secret(directory / BUS_KEY_FILE),
        )
