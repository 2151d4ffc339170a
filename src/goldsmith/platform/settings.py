"""All settings in one typed object, read once: flags over ``GOLDSMITH_*`` variables over a TOML file over defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


class Settings(BaseSettings):
    """How this installation runs.

    Attributes:
        data_dir: Folder of everything goldsmith keeps, when not said otherwise.
        database_url: ``sqlite:///FILE`` or ``postgresql://...``; empty for a SQLite file in ``data_dir``.
        blob_url: ``file:///DIR``, ``s3://bucket/prefix``, ``gs://...`` or ``az://...``; empty for a folder in ``data_dir``.
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
        max_upload_bytes: Cap on one uploaded file or archive.
        max_image_pixels: Cap on width times height of an image.
        log_format: Lines for people, or JSON for machines.
    """

    model_config = SettingsConfigDict(
        env_prefix="GOLDSMITH_", env_nested_delimiter="__", extra="forbid", frozen=True, toml_file=None
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
    max_upload_bytes: Annotated[int, Field(ge=1)] = 8 * 1024**3
    max_image_pixels: Annotated[int, Field(ge=1)] = 400_000_000
    log_format: Literal["text", "json"] = "text"

    def resolved_database_url(self) -> str:
        """Return the database URL, the default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'goldsmith.db'}"

    def resolved_blob_url(self) -> str:
        """Return the blob store URL, the default filled in."""
        return self.blob_url or f"file://{self.data_dir.absolute() / 'blobs'}"

    def resolved_public_url(self) -> str:
        """Return the URL people type, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: flags, environment, file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(*, config_file: Path | None = None, **flags: Any) -> Settings:
    """Read the settings once.

    Args:
        config_file: A TOML file with the same names; None for none.
        flags: Values that win over everything; those that are None count as not given.

    Raises:
        pydantic.ValidationError: A value is out of range or a name is unknown.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    if config_file is None:
        return Settings(**given)

    class _WithFile(Settings):
        model_config = SettingsConfigDict(toml_file=config_file)

    return Settings.model_validate(_WithFile(**given).model_dump())
