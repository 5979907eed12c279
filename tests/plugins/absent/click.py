raise ModuleNotFoundError("No module named 'click'", name="click")
