"""What a bucket keeps of deleted objects is seen, and what can be deleted of it goes."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

from classroom_app.data.files import Files
from ml_core.contract.blobs import GcsBlobs

THEN = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)


class Bucket:
    """A client whose bucket keeps versions and has a soft delete; the emulator does neither."""

    def __init__(self) -> None:
        self.live = ["g/a.jpg", "g/b.jpg"]
        self.old = ["g/a.jpg", "g/a.thumb.jpg", "h/x.jpg"]
        self.soft = ["g/b.jpg"]

    def bucket(self, _name: str) -> None:
        return None

    def list_blobs(self, _name: str, *, prefix: str, **asked: Any) -> list[SimpleNamespace]:
        def blob(name: str, **more: Any) -> SimpleNamespace:
            gone = {"time_deleted": None, "soft_delete_time": None, **more}
            return SimpleNamespace(name=name, delete=lambda timeout: self.old.remove(name), **gone)

        if asked.get("soft_deleted"):
            found = [blob(name, soft_delete_time=THEN) for name in self.soft]
        else:
            found = [blob(name) for name in self.live]
            if asked.get("versions"):
                found += [blob(name, time_deleted=THEN) for name in self.old]
        return [one for one in found if one.name.startswith(prefix)]


def test_versions_are_counted_and_deleted_and_what_the_soft_delete_keeps_is_said() -> None:
    bucket = Bucket()
    files = Files(GcsBlobs("photos", bucket))
    assert files.old_versions("g/") == 3
    assert files.old_versions(None, ["g/a.jpg"]) == 2
    files.drop_old_versions(None, ["g/a.jpg"])
    assert bucket.old == ["h/x.jpg"], "only those of this photo"
    assert files.old_versions("g/") == 1, "soft-deleted: nobody can take it away before its time"
    files.drop_old_versions("h/")
    assert bucket.old == []
    assert bucket.live == ["g/a.jpg", "g/b.jpg"]
