"""The rules of job swaps: rounds, sign-ups, matching, swaps, visits, reflections and ideas."""
