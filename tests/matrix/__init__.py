"""The harness that holds every way in against `matrix.csv`. How it works: docs/permissions.md."""
