"""Practices from files and into files: tables of CSV, XLSX and JSON, looked at first, taken in all or nothing."""
