"""One pytest session: its cases, and the report that passes to the command line."""
