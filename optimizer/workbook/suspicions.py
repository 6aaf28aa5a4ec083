"""Warnings: what is legal but suspicious."""
from __future__ import annotations

def find_warnings(case, book):
    return []
