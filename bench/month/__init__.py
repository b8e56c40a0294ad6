"""A busy workspace's month, lived by the real features as time passes, and held against what was promised of it.

Read in this order: hours, people, world, stage, life (what happens), log (what is left of it), clocked, nudged and
digested (what must be so), lived. The checks share neither rules nor queries with what they check.
"""
