"""Who may do what where, asked of every route: the table in `entries.py`, two villages, one matrix."""
