"""How the pulse looks: what is asked, what is published, what heads are asked. Pure functions."""
