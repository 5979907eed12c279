raise ModuleNotFoundError("No module named 'trio'", name="trio")
