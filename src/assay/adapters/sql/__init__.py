"""The one SQL adapter: SQLite for a workspace, written so that PostgreSQL is one more dialect."""
