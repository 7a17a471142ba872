"""Applying a mapping: tables of the contract, every figure of the export accounted for."""
