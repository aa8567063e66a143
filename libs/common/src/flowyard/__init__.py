"""Flowyard's library: the pure engine, the contracts, storage, messaging and telemetry."""
