"""How clocks look: what waits for whom and how both sides were in time, and the deadlines; pure functions."""
