"""What crosses a wire: records on Kafka and calls of the plugin gateway."""
