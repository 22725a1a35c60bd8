"""Guided exchanges that a body hosts: peer reviews, study visits, mentoring pairs.

A part of `peers` and no floor of its own: each accepted peer is one agreed exchange (row E9), so that there is one kind of
result, one clock that asks for it, one place where it is let be seen.
"""
