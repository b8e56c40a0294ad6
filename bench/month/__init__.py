"""A busy workspace's month, lived by the real features as time passes, and held against what was promised of it.

Read in this order: hours, people, life (what happens), log (what is left of it), nudged and digested (what must be so).
The checks are code of their own: they share neither the rules nor the queries of what they check.
"""
