raise ModuleNotFoundError("No module named 'h2'", name="h2")
