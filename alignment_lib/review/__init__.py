"""What came of it: plan against actual, the record of assumptions and streams."""
