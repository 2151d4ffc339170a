"""All settings in one typed object, read once: flags over ``GOLDSMITH_*`` variables over a TOML file over defaults."""

from __future__ import annotations

import inspect
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NamedTuple, Self, get_args, get_origin

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from goldsmith.core.errors import FieldFault, InvalidInputError

PLAIN_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,189}$)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*"
)
"""One e-mail address: no name, no list, nothing that ends a line."""
_PREFIX: Final = "GOLDSMITH_"
_PASSWORD: Final = re.compile(r"(://[^:/@]*:)[^@]*@")
_SECRET_NAME: Final = re.compile(r"key|secret|token|password|credential", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"^    (\w+): (.*(?:\n        .*)*)", re.MULTILINE)


class Settings(BaseSettings):
    """How this installation runs.

    Attributes:
        data_dir: Folder of everything goldsmith keeps, when not said otherwise.
        database_url: ``sqlite:///FILE`` or ``postgresql://...``; empty for a SQLite file in ``data_dir``.
        blob_url: ``file:///DIR``, ``s3://bucket/prefix``, ``gs://...`` or ``az://...``; empty for a folder in
            ``data_dir``.
        blob_options: Options of the blob store, such as endpoint, region and keys.
        host: Address to listen on; loopback unless changed.
        port: Port to listen on; 0 takes a free one.
        public_url: The URL people type; empty for ``http://HOST:PORT``. Links and the cookie's Secure flag follow it.
        session_days: Days until a browser session ends.
        job_threads: Jobs that run at once inside the server; 0 leaves them to ``goldsmith worker``.
        engine: Where batch compute runs: a local process pool, or Ray.
        engine_workers: Processes of the local pool.
        ray_address: The Ray cluster; empty starts a local one.
        import_roots: Folders on the server's disk that members may import from; none by default.
        fetch_hosts: Hosts that may be fetched although they are not public (the guard refuses all others).
        smtp_host: Host of the mail server that callbacks by e-mail go out by; empty for no mail.
        smtp_port: Its port: 587 with STARTTLS, 465 with TLS from the beginning.
        smtp_security: How the way to it is kept private; ``none`` only inside one's own network.
        smtp_user: Name to sign in with there; empty for none.
        smtp_password: Password to sign in with there.
        smtp_sender: The address that mail comes from; needed with ``smtp_host``.
        max_upload_bytes: Cap on one uploaded file or archive.
        max_image_pixels: Cap on width times height of an image.
        log_format: Lines for people, or JSON for machines.
        access_log: Log all requests, or only refused, failed and slow ones.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=None
    )

    data_dir: Path = Path(".goldsmith")
    database_url: str = ""
    blob_url: str = ""
    blob_options: dict[str, str] = {}
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8400
    public_url: str = ""
    session_days: Annotated[int, Field(ge=1, le=365)] = 14
    job_threads: Annotated[int, Field(ge=0, le=64)] = 2
    engine: Literal["pool", "ray"] = "pool"
    engine_workers: Annotated[int, Field(ge=1, le=256)] = 2
    ray_address: str = ""
    import_roots: list[Path] = []
    fetch_hosts: list[str] = []
    smtp_host: str = ""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_sender: str = ""
    max_upload_bytes: Annotated[int, Field(ge=1)] = 8 * 1024**3
    max_image_pixels: Annotated[int, Field(ge=1)] = 400_000_000
    log_format: Literal["text", "json"] = "text"
    access_log: Literal["problems", "all"] = "problems"

    def resolved_database_url(self) -> str:
        """Return the database URL, the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'goldsmith.db'}"

    def resolved_blob_url(self) -> str:
        """Return the blob store URL, the default filled in."""
        return self.blob_url or f"file://{self.data_dir.absolute() / 'blobs'}"

    def resolved_public_url(self) -> str:
        """Return the URL people type, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    def shown(self) -> dict[str, Any]:
        """Return all values as plain data with passwords and keys left out, for logs and people."""
        values = self.model_dump(mode="json")
        values["database_url"] = _PASSWORD.sub(r"\1***@", self.database_url)
        values["blob_options"] = {
            name: "***" if _SECRET_NAME.search(name) else value for name, value in self.blob_options.items()
        }
        values["smtp_password"] = "***" if self.smtp_password else ""
        return values

    @model_validator(mode="after")
    def _require_sender(self) -> Self:
        if self.smtp_host and not PLAIN_ADDRESS.fullmatch(self.smtp_sender):
            raise ValueError("smtp_host needs smtp_sender, the one address that mail comes from")
        return self

    @field_validator("data_dir", mode="after")
    @classmethod
    def _expand(cls, folder: Path) -> Path:
        return folder.expanduser()

    @field_validator("import_roots", mode="after")
    @classmethod
    def _resolve_roots(cls, folders: list[Path]) -> list[Path]:
        return [folder.expanduser().resolve() for folder in folders]

    @field_validator("public_url", mode="after")
    @classmethod
    def _require_http(cls, url: str) -> str:
        if url and not re.match(r"^https?://[^/?#\s]+", url):
            raise ValueError("it must begin with http:// or https:// and a host")
        return url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  nothing is read from .env files
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(*, config_file: Path | None = None, **flags: Any) -> Settings:
    """Read the settings once.

    Args:
        config_file: A TOML file with the same names; None for none.
        flags: Values that win over everything; those that are None count as not given.

    Raises:
        InvalidInputError: A value is out of range, a name is unknown, or the file cannot be read.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        if config_file is None:
            return Settings(**given)
        if not config_file.is_file():
            raise InvalidInputError(f"the settings file {config_file} is not there")

        class _WithFile(Settings):
            model_config = SettingsConfigDict(toml_file=config_file)

        values = _WithFile(**given)
        return Settings.model_construct(**{name: getattr(values, name) for name in Settings.model_fields})
    except ValidationError as error:
        faults = [
            FieldFault(".".join(str(part) for part in e["loc"]) or "settings", e["msg"])
            for e in error.errors()
        ]
        summary = "; ".join(f"{fault.where}: {fault.what}" for fault in faults)
        raise InvalidInputError(f"the settings do not hold: {summary}", faults=faults) from error
    except (tomllib.TOMLDecodeError, OSError, SettingsError) as error:
        raise InvalidInputError(f"the settings cannot be read: {error}") from error


class SettingDescription(NamedTuple):
    """What the documentation says of a setting."""

    name: str
    """As in the file and as a flag."""
    variable: str
    type_name: str
    default: str
    description: str


def describe_settings() -> list[SettingDescription]:
    """Return all settings, in order, for the reference documentation and ``--help``."""
    section = inspect.cleandoc(Settings.__doc__ or "").split("Attributes:", 1)[1]
    texts = {name: " ".join(text.split()) for name, text in _ATTRIBUTE.findall(section)}
    return [
        SettingDescription(
            name,
            f"{_PREFIX}{name.upper()}",
            _type_name(field.annotation),
            str(field.get_default(call_default_factory=True)),
            texts[name],
        )
        for name, field in Settings.model_fields.items()
    ]


def unknown_variables() -> list[str]:
    """Return the ``GOLDSMITH_*`` variables that name no setting, such as misspelt ones; the tests' own are none."""
    known = {name.upper() for name in Settings.model_fields}
    names = (
        name for name in os.environ if name.startswith(_PREFIX) and not name.startswith(f"{_PREFIX}TEST_")
    )
    return sorted(name for name in names if name.removeprefix(_PREFIX).split("__", 1)[0].upper() not in known)


def _type_name(annotation: Any) -> str:
    choices = get_args(annotation) if get_origin(annotation) is Literal else ()
    if choices:
        return " or ".join(str(choice) for choice in choices)
    return re.sub(r"^<class '(?:\w+\.)*(\w+)'>$", r"\1", str(annotation)).replace("pathlib.", "")


def use_one_compute_thread() -> None:
    """Make numeric libraries of this process compute on one thread; before they are imported."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
        os.environ[name] = "1"
