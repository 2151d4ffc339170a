"""Run a command where there is no network, and count what it would have sent out.

    unshare --net python offline.py COMMAND...

The last line printed is ``{"returncode": ..., "refused": ...}``: packets for which the kernel had no way out (a
connection, a datagram, a question to a name server), and datagrams to this machine that nobody listened for (a name
server on loopback). The kernel counts for the whole network namespace, so native code and child processes are seen too.
"""

from __future__ import annotations

import fcntl
import json
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Final

_SIOCGIFFLAGS: Final = 0x8913
_SIOCSIFFLAGS: Final = 0x8914
_IFF_UP: Final = 1


def raise_loopback() -> None:
    """Bring the namespace's own loopback interface up; nothing else leads anywhere."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        name = b"lo"
        (flags,) = struct.unpack_from(
            "h", fcntl.ioctl(control, _SIOCGIFFLAGS, struct.pack("16sh", name, 0)), 16
        )
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh", name, flags | _IFF_UP))


def count_refused() -> int:
    """Return what the kernel could not send out or deliver in this namespace so far."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()]
    counters = {
        f"{names[0]}{name}": int(value)
        for names, values in zip(lines[::2], lines[1::2], strict=True)
        for name, value in zip(names[1:], values[1:], strict=True)
    }
    six = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    return counters["Ip:OutNoRoutes"] + counters["Udp:NoPorts"] + int(six.get("Ip6OutNoRoutes", 0))


if __name__ == "__main__":
    raise_loopback()
    code = subprocess.run(sys.argv[1:], check=False).returncode
    print(json.dumps({"returncode": code, "refused": count_refused()}), flush=True)
