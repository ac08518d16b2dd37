"""Prints each `pattern` of the JSON document on stdin that Python's `re` does not take."""

import json
import re
import sys


def patterns(node):
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from patterns(each)


for pattern in sorted(set(patterns(json.load(sys.stdin)))):
    try:
        re.compile(pattern)
    except re.error as error:
        print(f"the pattern {pattern} is none of Python's: {error}")
