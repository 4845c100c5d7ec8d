"""Which backups stay: the last of each of 7 days, 4 weeks and 12 months; always the newest, and the last one made
before an upgrade, which is the way back from it.

Days are days in Asia/Shanghai. Only backups with a readable note are counted and removed, and only those of the same
books and the same kind of database, so that two installations may share a folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path

from pointsbank.backups.disk import flush_folder
from pointsbank.backups.manifest import Manifest, backups_in, manifest_path
from pointsbank.clock import to_day

Period = Callable[[date], object]
KEEP: tuple[tuple[int, Period], ...] = (
    (7, lambda day: day),
    (4, lambda day: day.isocalendar()[:2]),
    (12, lambda day: (day.year, day.month)),
)


def kept(moments: Iterable[datetime]) -> set[datetime]:
    """Of these moments, those to keep: per period the last one, for so many periods that have any."""
    newest_first = sorted(set(moments), reverse=True)
    keep = set(newest_first[:1])
    for count, period in KEEP:
        last_of: dict[object, datetime] = {}
        for moment in newest_first:
            last_of.setdefault(period(to_day(moment)), moment)
        keep.update(list(last_of.values())[:count])
    return keep


def thin(folder: Path, like: Manifest) -> list[str]:
    """Remove what need not stay among the backups like this one. Returns the names removed."""
    alike = [(file, one) for file, one in backups_in(folder)
             if one.database == like.database and _books(one) == _books(like)]
    stay = kept(one.made_at for _, one in alike)
    stay.update(sorted(one.made_at for _, one in alike if one.reason == "upgrade")[-1:])
    gone = [file for file, one in alike if one.made_at not in stay]
    for file in gone:
        manifest_path(file).unlink(missing_ok=True)  # first the note: a file without one is no backup
        file.unlink(missing_ok=True)
    flush_folder(folder)
    return [file.name for file in gone]


def _books(manifest: Manifest) -> list[int]:
    return [mark.book for mark in manifest.books]
