"""What the chapters share: the client, and what earlier chapters have made."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from harborapi import HarborAsyncClient
from harborapi.exceptions import StatusError

PROJECT = "workshop"
REPOSITORY = "team/copy"

# harborapi 0.26.2 is older than Harbor's extended audit log, reads no metrics of scheduled scans, and stops no collection.
UNKNOWN = {"getLogExts", "listAuditLogExts", "listAuditLogEventTypes", "getLatestScheduledScanAllMetrics", "stopGC"}

Item = TypeVar("Item")


def connect(username: str, password: str) -> HarborAsyncClient:
    url = f"{os.environ['HARBOR_URL']}/api/v2.0"
    return HarborAsyncClient(url=url, username=username, secret=password, retry=None)


class Story:
    def __init__(self, api: HarborAsyncClient, asked: list[str], image: str) -> None:
        self.api = api
        self.asked = asked
        self.image = image
        self.digest = image.partition("@")[2]
        self.project_id = 0
        self.label_id = 0
        self._told: set[str] = set()
        self._passed = 0

    @contextmanager
    def check(self, operation: str) -> Iterator[None]:
        """Prints how an operation went, if it was asked for; the story goes on after a failure."""
        try:
            yield
        except Exception as error:
            self._print(operation, error)
        else:
            self._print(operation, None)

    def end(self) -> bool:
        """Says what the story has left out, counts, and tells whether all was well."""
        for operation in self.asked:
            if operation in UNKNOWN:
                print(f"unknown {operation}")
            elif operation not in self._told:
                self._print(operation, Exception("not called: the story has to be told with this operation too"))
        known = [operation for operation in self.asked if operation not in UNKNOWN]
        print(f"{self._passed} of {len(known)} operations")
        return self._passed == len(known)

    def _print(self, operation: str, error: Exception | None) -> None:
        if operation not in self.asked:
            return
        self._told.add(operation)
        if error is None:
            self._passed += 1
            print(f"ok {operation}")
        else:
            why = " ".join(f"{type(error).__name__}: {error}".split())
            print(f"not ok {operation}: {why}")


def same(what: str, got: object, want: object) -> None:
    if got != want:
        raise AssertionError(f"{what} is {got!r}, not {want!r}")


def holds(what: str, truth: bool) -> None:
    if not truth:
        raise AssertionError(f"it does not hold that {what}")


def the(item: Item | None) -> Item:
    """A part of an answer: the models allow each to be absent."""
    if item is None:
        raise AssertionError("a part of the answer is missing")
    return item


@contextmanager
def refused(expected: type[StatusError]) -> Iterator[None]:
    """Expects the call inside to fail with the error that harborapi has for one status."""
    try:
        yield
    except expected:
        return
    raise AssertionError(f"expected {expected.__name__}, but nothing was refused")


def id_in(location: str) -> int:
    """The id of something new, from the Location header that tells where it is."""
    holds(f"{location!r} is a path of the API", location.startswith("/api/v2.0/"))
    return int(location.rpartition("/")[2])
