"""Between the HTTP clients and the network: the hooks of client libraries and the interceptor."""
