"""The HTTP server: health for whoever runs Parley, and the routes that platforms call."""
