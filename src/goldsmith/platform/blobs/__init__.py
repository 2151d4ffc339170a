"""Content-addressed blobs: bytes are named by their SHA-256 and stored once, in a folder or in an object store."""

from goldsmith.platform.blobs.store import BlobStore
from goldsmith.platform.blobs.types import CHUNK_BYTES, PutResult

__all__ = ["CHUNK_BYTES", "BlobStore", "PutResult"]
