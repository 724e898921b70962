"""The API as others meet it: over real connections, by its schema, its words and its examples."""
