"""Below all hooks: what a test asks of models where no hook stands is seen and named."""
