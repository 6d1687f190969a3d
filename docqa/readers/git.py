"""Repositories: fetched into a bare one, listed and read from it. Nothing is ever checked out.

`git_address` says which addresses are taken, `git_process` what git is allowed, `git_fetch` brings
commits, `git_tree` lists and reads their files, `git_history` tells what changed and who wrote it.
"""

from docqa.readers.git_address import GitAddress, GitScheme, is_bare_repository, is_git_address
from docqa.readers.git_blobs import read_blobs
from docqa.readers.git_fetch import Fetched, RemoteHint, fetch, size_hint
from docqa.readers.git_history import BlameLine, Commit, TreeChange, blame, changes, log
from docqa.readers.git_process import GitCredentials
from docqa.readers.git_transfer import FetchLimits
from docqa.readers.git_tree import WorkingTree, blob_ids, tree, working_tree

__all__ = [
    "BlameLine",
    "Commit",
    "FetchLimits",
    "Fetched",
    "GitAddress",
    "GitCredentials",
    "GitScheme",
    "RemoteHint",
    "TreeChange",
    "WorkingTree",
    "blame",
    "blob_ids",
    "changes",
    "fetch",
    "is_bare_repository",
    "is_git_address",
    "log",
    "read_blobs",
    "size_hint",
    "tree",
    "working_tree",
]
