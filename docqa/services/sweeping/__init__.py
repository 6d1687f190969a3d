"""Sweeping: the whole pack, shard by shard, where it does not fit or nothing may be missed.

`shards` cuts the pack, `asking` puts the question to several shards at once, `progress` keeps what
came of each, `writing` has them asked, `ending` makes one answer of theirs, `quoting` does without
a model, `estimates` says beforehand what it will cost.
"""
