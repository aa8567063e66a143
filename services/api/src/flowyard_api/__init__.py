"""The API: templates, instances, commands and live views over HTTP."""
