"""Kafka behind one port: the real adapter and the in-process broker."""
