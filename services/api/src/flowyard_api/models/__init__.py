"""What requests and answers look like, with the examples that Swagger UI shows."""
