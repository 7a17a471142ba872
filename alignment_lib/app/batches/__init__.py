"""Batch runs over many business units, here or on a cluster."""
