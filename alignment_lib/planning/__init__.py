"""What is planned: assumptions, their effects on the baseline, evidence, bridge, odds."""
