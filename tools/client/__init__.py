"""Makes ``flowyard.client`` from the OpenAPI document: models, and a method per operation."""
