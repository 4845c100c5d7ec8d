"""Evidence packs (证据包) for 文明家庭, 文明村镇, 文明单位, 评优奖励: what their assessment tables ask for, on paper
and as a sheet, each figure traceable to the ledger.

    pack = ask_pack(s, AskPack(key, place, "village", start, end), by=officer, at=now)      # a row that waits
    make_pack(s, pack.id, by=officer, at=now)          # the run: seals, counts, lists, draws; says how far it is
    trace(s, view, "V31")                              # the transactions behind one figure, counted again

    asked.py     the tables as data: which figure, from which rules, counted how
    entries.py   reading the ledger as of a position: sums for a county, lines for a list
    outside.py   what does not stand in the ledger: stars, vetoes, people, activities, honours
    figures.py   puts both together

Every figure says where it comes from; what the bank does not keep is printed as a line to fill in by hand, never as 0.
The pack proposes, people above decide; their result is registered in pointsbank.reviews.
"""

from reports.packs.models import EvidencePack
from reports.packs.service import AskPack, ask_pack, discard_pack, make_pack, start_pack

__all__ = ["AskPack", "EvidencePack", "ask_pack", "discard_pack", "make_pack", "start_pack"]
