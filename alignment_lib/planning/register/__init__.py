"""The register of assumptions: claims, their life, their checks, and how they lie on the grid."""
