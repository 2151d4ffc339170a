"""The contract of the blob store, held by a folder and by an S3 server on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from goldsmith.core.errors import BlobStoreError, InvalidInputError, NotFoundError
from goldsmith.platform.blobs import CHUNK_BYTES, BlobStore

KEYS = {"access_key_id": "test", "secret_access_key": "test", "region": "us-east-1"}


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    ).create_bucket(Bucket="media")
    yield endpoint
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def open_blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], BlobStore]:
    """Opens the same empty store each time it is called."""
    if request.param == "folder":
        return lambda: BlobStore(f"file://{tmp_path}/with%20space")
    endpoint = request.getfixturevalue("s3_endpoint")
    options = {**KEYS, "endpoint": endpoint, "allow_http": "true"}
    return lambda: BlobStore(f"s3://media/{tmp_path.name}/deep", options, spool_dir=tmp_path)


@pytest.fixture
def blobs(open_blobs: Callable[[], BlobStore]) -> Iterator[BlobStore]:
    store = open_blobs()
    yield store
    store.close()


def test_bytes_come_back_under_their_hash(blobs: BlobStore) -> None:
    for data in (b"", b"hello", os.urandom(300_000)):
        name = blobs.put(data)
        assert name == hashlib.sha256(data).hexdigest()
        assert blobs.get(name) == data
        assert blobs.size(name) == len(data)
        assert blobs.exists(name)
        assert blobs.is_intact(name)


def test_storing_twice_stores_once(blobs: BlobStore, open_blobs: Callable[[], BlobStore]) -> None:
    assert blobs.put(b"same") == open_blobs().put(b"same") == blobs.put_chunks([b"sa", b"me"]).sha256
    assert list(blobs.iter_names()) == [hashlib.sha256(b"same").hexdigest()]


def test_ranges(blobs: BlobStore) -> None:
    data = bytes(range(256)) * 20
    name = blobs.put(data)
    for start, length in (
        (0, 1),
        (100, 300),
        (5119, 1),
        (5000, 999),
        (0, 5120),
        (7, 0),
        (5120, 1),
        (9999, 5),
    ):
        assert blobs.get_range(name, start, length) == data[start : start + length], (start, length)
        assert asyncio.run(blobs.aget_range(name, start, length)) == data[start : start + length]


def test_streams(blobs: BlobStore, tmp_path: Path) -> None:
    data = os.urandom(2 * CHUNK_BYTES + 12_345)
    (tmp_path / "big").write_bytes(data)
    stored = blobs.put_file(tmp_path / "big")
    assert stored == (hashlib.sha256(data).hexdigest(), len(data))
    assert b"".join(blobs.iter_chunks(stored.sha256)) == data
    assert b"".join(blobs.iter_chunks(stored.sha256, 5, CHUNK_BYTES + 9)) == data[5 : CHUNK_BYTES + 9]
    assert list(blobs.iter_chunks(stored.sha256, len(data))) == []
    assert list(blobs.iter_chunks(stored.sha256, 10, 10)) == []
    assert b"".join(blobs.iter_chunks(stored.sha256, len(data) - 3, len(data) + 100)) == data[-3:]

    async def read() -> bytes:
        return b"".join([chunk async for chunk in blobs.aiter_chunks(stored.sha256, 7)])

    assert asyncio.run(read()) == data[7:]


def test_a_stream_that_breaks_leaves_nothing(blobs: BlobStore) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises((ConnectionResetError, BlobStoreError)):
        blobs.put_chunks(chunks())
    assert list(blobs.iter_names()) == []


def test_many_at_once_keep_their_order(blobs: BlobStore) -> None:
    pieces = [f"blob {number % 40}".encode() for number in range(60)]
    assert blobs.put_many(iter(pieces)) == [hashlib.sha256(piece).hexdigest() for piece in pieces]
    assert len(list(blobs.iter_names())) == 40


def test_racing_writers_of_the_same_bytes(blobs: BlobStore, open_blobs: Callable[[], BlobStore]) -> None:
    data = os.urandom(50_000)
    stores = [blobs, open_blobs(), open_blobs()]
    with ThreadPoolExecutor(6) as pool:
        names = set(pool.map(lambda number: stores[number % 3].put(data), range(18)))
    assert names == {hashlib.sha256(data).hexdigest()}
    assert blobs.get(names.pop()) == data


@pytest.mark.parametrize(
    "name",
    [
        "0" * 64,
        "../../../../etc/passwd",
        "",
        "A" * 64,
        "0" * 63,
        "0" * 64 + "\n",
        "ab/" + "0" * 61,
        "\0" * 64,
    ],
)
def test_what_is_not_there_is_not_found(blobs: BlobStore, name: str) -> None:
    for ask in (blobs.get, blobs.size, blobs.is_intact, lambda name: blobs.get_range(name, 0, 1)):
        with pytest.raises(NotFoundError):
            ask(name)
    with pytest.raises(NotFoundError):
        asyncio.run(blobs.aget(name))
    assert not blobs.exists(name)


def test_deleting(blobs: BlobStore) -> None:
    name = blobs.put(b"gone soon")
    blobs.delete(name)
    blobs.delete(name)
    assert not blobs.exists(name)
    assert asyncio.run(blobs.aput(b"gone soon")) == name
    assert asyncio.run(blobs.aget(name)) == b"gone soon"


def test_a_changed_file_is_found(tmp_path: Path) -> None:
    blobs = BlobStore(f"file://{tmp_path}")
    name = blobs.put(b"original")
    path = blobs.local_path(name)
    assert path is not None
    path.write_bytes(b"tampered")
    assert not blobs.is_intact(name)


def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    blobs = BlobStore(f"file://{tmp_path}/b")
    digest = hashlib.sha256(b"x").hexdigest()
    (tmp_path / "b" / digest[:2]).write_bytes(b"a file where a folder should be")
    with pytest.raises(BlobStoreError):
        blobs.put(b"x")


def test_a_server_that_is_down_is_said_so_without_its_words(free_port: int) -> None:
    options = {**KEYS, "endpoint": f"http://127.0.0.1:{free_port}", "allow_http": "true"}
    blobs = BlobStore("s3://media/x", options, spool_dir=None)
    blobs_error = ""
    try:
        blobs.size("0" * 64)
    except BlobStoreError as error:
        blobs_error = error.detail
    assert blobs_error
    assert str(free_port) not in blobs_error


@pytest.mark.parametrize("url", ["", "ftp://x/y", "/plain/path", "s3:media"])
def test_unknown_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidInputError):
        BlobStore(url)


def test_unknown_options_are_refused() -> None:
    with pytest.raises(InvalidInputError):
        BlobStore("s3://media", {"no_such_option": "1"})


def test_a_folder_is_flushed_before_the_answer(tmp_path: Path) -> None:
    """Traced system calls: the file is flushed before it is renamed, its folder after."""
    if subprocess.run(["which", "strace"], capture_output=True, check=False).returncode:
        pytest.skip("strace is not installed")
    code = (
        f"from goldsmith.platform.blobs import BlobStore; BlobStore('file://{tmp_path}/b').put(b'precious')"
    )
    trace = tmp_path / "trace"
    command = ["strace", "-f", "-y", "-o", str(trace), "-e", "trace=fsync,rename,renameat,renameat2"]
    subprocess.run([*command, sys.executable, "-c", code], check=True)
    name = hashlib.sha256(b"precious").hexdigest()
    calls = [line for line in trace.read_text().splitlines() if str(tmp_path) in line]
    renamed = next(number for number, line in enumerate(calls) if "rename" in line and name in line)
    assert any("fsync" in line and "unfinished" in line for line in calls[:renamed])
    assert any("fsync" in line and f"/b/{name[:2]}>" in line for line in calls[renamed:])


def test_huge_streams_take_flat_memory(tmp_path: Path) -> None:
    store = BlobStore(f"file://{tmp_path}")
    block = os.urandom(CHUNK_BYTES)
    tracemalloc.start()
    stored = store.put_chunks(block for _ in range(48))
    total = sum(len(chunk) for chunk in store.iter_chunks(stored.sha256))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 48 * CHUNK_BYTES
    assert peak_bytes < 8 * CHUNK_BYTES
