"""What each notebook shows: functions that take a round and return something to look at."""
