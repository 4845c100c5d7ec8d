"""Processes killed with signal 9 while they work: what was acknowledged is there, the rest is whole or absent.

`nursery` forks writers and sealers that start in milliseconds · `writer` what they do, and the journal they keep
outside the database · `books` what the journals say against what the book says · `own_postgresql` a server to be killed
"""
