"""The auditor's desk: a search that takes anything and lands on the transaction, the transaction's whole chain, and the
ledger's check run from a page.

Rooms below tell their part of a transaction's story by `register_chain(kind, tell)`: fact, evidence, who approved.
"""

from reports.audit.chain import ChainStep, register_chain
from reports.audit.finding import register_finder

__all__ = ["ChainStep", "register_chain", "register_finder"]
