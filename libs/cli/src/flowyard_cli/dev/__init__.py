"""Everything on one machine: the embedded Postgres, the four services in one process, examples."""
