"""What the user gives: a workspace's settings, calendar and tables, read strictly and checked."""
