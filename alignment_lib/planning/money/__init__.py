"""What the plan costs and earns: unit costs, funding of actions, marketing spend, margin and profit."""
