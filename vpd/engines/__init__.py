"""Who maps a stage over its shards: this process, or a cluster."""
