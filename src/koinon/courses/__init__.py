"""Capacity building: courses in many languages, self-paced or with dates, with certificates; a self-check of a centre."""
