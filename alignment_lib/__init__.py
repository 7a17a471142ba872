"""Marketing and sales plan one number together.

The package is laid out in layers, left to right as data flows: ``inputs``, ``forecasting``,
``planning``, ``funnel``, ``review``, ``publishing``, ``app``. A layer imports only from layers to
its left. Nothing heavy is imported here, so that ``import alignment_lib`` stays instant.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
