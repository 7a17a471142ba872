"""What a business declares: settings, their forms, and how they are read."""
