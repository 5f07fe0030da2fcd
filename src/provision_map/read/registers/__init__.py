"""Public registers through mapping files, and drafts of such files."""
