"""What each LLM API's bytes and ids mean."""
