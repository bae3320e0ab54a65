"""TaskHub: a real-time task manager for teams."""
