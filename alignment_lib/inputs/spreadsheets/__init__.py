"""Workbooks of every office program: values and marks, packages, the template."""
