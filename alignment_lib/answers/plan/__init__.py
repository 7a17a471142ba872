"""Questions about the plan: what it comes to, where it comes from and how sure it is."""
