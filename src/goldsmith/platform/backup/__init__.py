"""Backup of everything goldsmith keeps, in one file that any installation can restore, on either database.

The file is a tar archive (``.tar``, or compressed ``.tar.zst``): each table as JSON lines, read in one snapshot while
the server works on; each blob under its hash; and a manifest with the hash of every member at its end.
"""

from goldsmith.platform.backup.restoring import restore_backup, verify_backup
from goldsmith.platform.backup.types import BackupReport
from goldsmith.platform.backup.writing import write_backup

__all__ = ["BackupReport", "restore_backup", "verify_backup", "write_backup"]
