"""A sample as large as one likes: businesses of very different sizes, written straight into the database."""
