"""Contract suites and a clip factory for people who write backends."""
