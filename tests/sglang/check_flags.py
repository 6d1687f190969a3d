"""Asks SGLang's own parser: run in its environment, argument lists as JSON on standard input."""

import argparse
import contextlib
import io
import json
import sys

from sglang.srt.server_args import ServerArgs
from sglang.srt.utils.server_args_config_parser import ConfigArgumentMerger


def refusal(arguments: list[str]) -> str:
    """What the parser has against them, empty if nothing."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    ServerArgs.add_cli_args(parser)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            if "--config" in arguments:
                arguments = ConfigArgumentMerger(parser).merge_config_with_args(arguments)
            parser.parse_args(arguments)
    except (SystemExit, ValueError) as error:
        return said.getvalue() or str(error)
    return ""


if __name__ == "__main__":
    told = [refusal(arguments) for arguments in json.load(sys.stdin)]
    sys.stdout.write("\n" + json.dumps(told) + "\n")
