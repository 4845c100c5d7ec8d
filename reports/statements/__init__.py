"""Statements of a household's points: one set of figures, four faces (page, PDF, spreadsheet, API).

`statement(...)` reads them from the ledger, `statement_pdf` prints them, `register_document` keeps the
figures of what was printed under a random code so that anyone holding the paper can check it at
`/verify/<code>`.
"""
