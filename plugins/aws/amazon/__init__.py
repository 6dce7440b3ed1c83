"""Own what this module knows of Amazon's services; know nothing of functions and schemas. Importing it imports nothing."""

__all__: list[str] = []
