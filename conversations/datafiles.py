"""Data files, for adapters too: what is said on a platform stands in YAML beside its code."""

from store.datafiles import read_data

__all__ = ["read_data"]
