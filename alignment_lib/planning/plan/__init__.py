"""The plan and its bridge: volumes, moves, prices and money, exact at every level."""
