"""Every error goldsmith raises on purpose: one small tree, mapped to HTTP in exactly one place.

::

    GoldsmithError
      UserError             the caller can mend it
        InvalidInputError       422  invalid_input        what was sent does not hold
        MalformedRequestError   400  malformed_request    it could not even be read
        NotAuthenticatedError   401  not_authenticated    no valid session or key
        PermissionDeniedError   403  permission_denied    the role does not allow it
        NotFoundError           404  not_found            it is not there, or not yours
        ConflictError           409  conflict             it changed, or is already taken
          LeaseLostError        409  lease_lost           the lease ended and somebody else holds the task
          VersionConflictError  409  version_conflict     a newer version exists
          PausedError           409  paused               the member's work in the project is paused
          CourseRequiredError   409  course_required      the project's course comes before its work
        GoneError               410  gone                 deleted, expired or already used
        TooLargeError           413  too_large            over a stated cap
        UnsupportedError        415  unsupported          a kind we do not handle
        LimitExceededError      429  limit_exceeded       slow down
      DataError             one record is bad; it is listed and the others go on
        CorruptMediaError       422  corrupt_media
        SchemaMismatchError     422  schema_mismatch
      DependencyError       503  something we stand on failed; try again
        BlobStoreError          503  blob_store
        DatabaseBusyError       503  database_busy
        WorkerLostError         503  worker_lost
        MissingExtraError       501  missing_extra        an optional package is not installed
      BugError              500  internal             a broken invariant; only the edge catches it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple


class FieldFault(NamedTuple):
    """One fault inside bad input."""

    where: str
    """Path to the value, such as ``classes[2].name`` or ``line 14``."""
    what: str
    """What is wrong with it and how to mend it."""


class GoldsmithError(Exception):
    """Base of all errors raised on purpose.

    Attributes:
        detail: A sentence that says what happened and how to mend it.
        faults: The single faults, when the input held several.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Error"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, *, faults: Sequence[FieldFault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)


class UserError(GoldsmithError):
    """The caller can mend it."""

    code = "user_error"
    status = 400
    title = "The request cannot be carried out"


class InvalidInputError(UserError):
    """What was sent does not hold."""

    code = "invalid_input"
    status = 422
    title = "Invalid input"


class MalformedRequestError(UserError):
    """The request could not be read."""

    code = "malformed_request"
    status = 400
    title = "Malformed request"


class NotAuthenticatedError(UserError):
    """No valid session or key came with the request."""

    code = "not_authenticated"
    status = 401
    title = "Not signed in"


class PermissionDeniedError(UserError):
    """The member's role does not allow it."""

    code = "permission_denied"
    status = 403
    title = "Not allowed"


class NotFoundError(UserError):
    """It is not there, or it belongs to somebody else; the answer is the same."""

    code = "not_found"
    status = 404
    title = "Not found"


class ConflictError(UserError):
    """It changed meanwhile, or is already taken."""

    code = "conflict"
    status = 409
    title = "Conflict"


class LeaseLostError(ConflictError):
    """The lease ended and the task went to somebody else, or was closed."""

    code = "lease_lost"
    title = "The lease was lost"


class VersionConflictError(ConflictError):
    """A newer version exists than the one the change was made on."""

    code = "version_conflict"
    title = "A newer version exists"


class PausedError(ConflictError):
    """The member's work in the project is paused; the sentence says why and how to appeal."""

    code = "paused"
    title = "Your work here is paused"


class CourseRequiredError(ConflictError):
    """The project's course is to be passed before its work is handed out."""

    code = "course_required"
    title = "The course comes first"


class GoneError(UserError):
    """Deleted, expired or already used."""

    code = "gone"
    status = 410
    title = "Gone"


class TooLargeError(UserError):
    """Over a stated cap."""

    code = "too_large"
    status = 413
    title = "Too large"


class UnsupportedError(UserError):
    """A kind of media, format or method that is not handled."""

    code = "unsupported"
    status = 415
    title = "Unsupported"


class LimitExceededError(UserError):
    """Too many requests or attempts."""

    code = "limit_exceeded"
    status = 429
    title = "Too many requests"
    retryable = True


class DataError(GoldsmithError):
    """One record of many is bad; it is listed with the reason and the others go on."""

    code = "data_error"
    status = 422
    title = "Bad data"


class CorruptMediaError(DataError):
    """A media file is broken, disguised or over a cap."""

    code = "corrupt_media"
    title = "Media cannot be used"


class SchemaMismatchError(DataError):
    """A record does not fit the ontology or the format."""

    code = "schema_mismatch"
    title = "Record does not fit"


class DependencyError(GoldsmithError):
    """Something goldsmith stands on failed."""

    code = "dependency"
    status = 503
    title = "A dependency failed"
    retryable = True


class BlobStoreError(DependencyError):
    """The blob store did not answer or refused."""

    code = "blob_store"


class DatabaseBusyError(DependencyError):
    """The database could not take the write in time."""

    code = "database_busy"


class WorkerLostError(DependencyError):
    """The process that did the work is gone."""

    code = "worker_lost"


class MissingExtraError(DependencyError):
    """An optional package is not installed.

    Args:
        package: What could not be imported.
        extra: The extra of goldsmith that brings it.
    """

    code = "missing_extra"
    status = 501
    title = "An optional package is missing"
    retryable = False

    def __init__(self, package: str, *, extra: str) -> None:
        super().__init__(f"{package} is not installed; install it with: pip install 'goldsmith[{extra}]'")
        self.package = package
        self.extra = extra


class BugError(GoldsmithError):
    """A broken invariant; please report it."""

    code = "internal"
    status = 500
    title = "Internal error"
