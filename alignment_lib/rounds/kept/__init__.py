"""What each round read, kept in the workspace: history restated later is seen, an old round made again."""
