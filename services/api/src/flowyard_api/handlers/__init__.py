"""The routes: each reads a request, calls a use case, and answers."""
