"""Where a study keeps what it makes: stores, the stage cache, keys of content, the lock."""
