"""The ``flowyard`` command: services, ``flowyard dev``, and a client of the API."""
