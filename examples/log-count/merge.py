#!/usr/bin/env python3
"""merge.py - add up what the instances of `count` found."""
import json
import os

LEVELS = ["INFO", "WARN", "DEBUG", "ERROR"]
INPUT = "/home/input/count_results"
OUTPUT = "/home/output/merge_result.json"


def merge(source):
    total = dict.fromkeys(LEVELS, 0)
    for name in sorted(os.listdir(source)):
        with open(os.path.join(source, name)) as part:
            for level, n in json.load(part).items():
                total[level] += n
    return total


if __name__ == "__main__":
    result = json.dumps(merge(INPUT))
    with open(OUTPUT, "w") as out:
        out.write(result + "\n")
    print(result)
