"""Read-only floor: paper documents, spreadsheets and the auditor's pages, made from every floor below.

Owns no business table; it keeps one register of the documents it printed (`report_document`), so that anyone
can check a paper in hand against the book. Fonts and the page kit (`reports.fonts`, `reports.pdf`) know
nothing of the bank: documents are pure functions from frozen records to bytes.
"""
