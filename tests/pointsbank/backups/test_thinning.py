"""What stays of many backups: 7 days, 4 weeks, 12 months, and always the newest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pointsbank.backups.disk import write_json
from pointsbank.backups.manifest import Manifest, backups_in, manifest_path
from pointsbank.backups.marks import Mark
from pointsbank.backups.thinning import kept, thin

NIGHT = datetime(2026, 11, 24, 16, 40, tzinfo=UTC)  # 00:40 on Wednesday 25 November in the village


def nights(count: int) -> list[datetime]:
    return [NIGHT - timedelta(days=back) for back in range(count)]


def test_after_two_years_of_nights_seven_days_four_weeks_and_twelve_months_stay():
    days = {f"{moment + timedelta(hours=8):%Y-%m-%d}" for moment in kept(nights(730))}
    assert days == {
        *(f"2026-11-{day}" for day in (25, 24, 23, 22, 21, 20, 19)),
        "2026-11-15", "2026-11-08",  # the last nights of the weeks before; 22 and 25 November stay already
        "2026-10-31", "2026-09-30", "2026-08-31", "2026-07-31", "2026-06-30", "2026-05-31", "2026-04-30",
        "2026-03-31", "2026-02-28", "2026-01-31", "2025-12-31"}


def test_thinning_twice_changes_nothing_and_the_newest_always_stays():
    once = kept(nights(400))
    assert kept(once) == once and NIGHT in once
    assert kept([NIGHT]) == {NIGHT}


def test_thinned_night_by_night_as_many_stay_as_thinned_at_once():
    there: set[datetime] = set()
    for moment in reversed(nights(730)):
        there = kept({*there, moment})
    assert there == kept(nights(730))


def backup(folder: Path, at: datetime, reason: str = "daily", book: int = 230199) -> Manifest:
    file = folder / f"pointsbank-{at:%Y%m%dT%H%M%SZ}{'-1' if book != 230199 else ''}.db"
    file.write_bytes(b"x")
    made = Manifest(file.name, "", 1, "sqlite", "0014", reason, at, [Mark(book, False, 0, None, None, None)], {}, 0)
    write_json(manifest_path(file), made.as_json())
    return made


def test_of_one_day_the_last_stays_and_the_way_back_from_an_upgrade_and_what_is_not_ours(tmp_path):
    def at(hour: int) -> datetime:
        return datetime(2026, 11, 25, hour, tzinfo=UTC)

    early, upgrade, by_hand = backup(tmp_path, at(1)), backup(tmp_path, at(2), "upgrade"), backup(tmp_path, at(3))
    other, newest = backup(tmp_path, at(3), book=110101), backup(tmp_path, at(4))
    (tmp_path / "letter.txt").write_text("not ours")
    (tmp_path / "pointsbank-20200101T000000Z.db").write_bytes(b"without a note nobody knows what it is")
    assert thin(tmp_path, newest) == [early.file, by_hand.file]
    assert {file.name for file, _ in backups_in(tmp_path)} == {upgrade.file, other.file, newest.file}
    assert not manifest_path(tmp_path / early.file).exists() and not (tmp_path / early.file).exists()
    assert (tmp_path / "letter.txt").exists() and (tmp_path / "pointsbank-20200101T000000Z.db").exists()
