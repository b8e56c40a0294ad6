"""Measurements: `python -m bench` is the table of speed, `python -m bench.crash` kills Parley a hundred times."""
