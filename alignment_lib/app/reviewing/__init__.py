"""The review and the meeting of a round, from files to files."""
