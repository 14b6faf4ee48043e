"""A user's files → records: questions with their images, and candidate programs from elsewhere."""
