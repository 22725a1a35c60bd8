"""Calls for proposals: who may apply, where, for what, until when; and whether a place may."""
