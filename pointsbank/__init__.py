"""The bank: places, people, sign-in, the points schedule, service records, eligibility and ratings.

Rooms stand one above the other (see ARCHITECTURE.md); whatever a higher floor adds to this one (facts, menu entries,
jobs, sentences for entries) is registered in `wsgi.create_app()`.
"""
