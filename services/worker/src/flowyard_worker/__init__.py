"""The worker: takes steps off Kafka, has a plugin gateway run them, reports results."""
