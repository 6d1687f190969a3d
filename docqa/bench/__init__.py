"""Measurements that repeat: docqa beside the raw library, in the same run and on the same files."""
