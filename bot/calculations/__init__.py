"""What is computed in child processes: a module each, with `calculate`, from JSON to JSON.

Their libraries cost more memory and time than the running server may spend, and their work would hold up its answers.
`bot/calculating.py` starts them; nothing that the server imports may import them.
"""
