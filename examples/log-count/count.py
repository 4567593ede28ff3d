#!/usr/bin/env python3
"""count.py - count the levels in one part; which part says the instance's number."""
import json
import os

LEVELS = ["INFO", "WARN", "DEBUG", "ERROR"]
INSTANCE = os.environ["BATCH_COMPUTE_DAG_INSTANCE_ID"]
INPUT = "/home/input/split_results/%s.txt" % INSTANCE
OUTPUT = "/home/output/count_results/%s.json" % INSTANCE


def count(source):
    found = dict.fromkeys(LEVELS, 0)
    with open(source) as lines:
        for line in lines:
            for word in line.split():
                if word in found:
                    found[word] += 1
                    break
    return found


if __name__ == "__main__":
    os.makedirs(os.path.dirname(OUTPUT), exist_ok=True)
    with open(OUTPUT, "w") as out:
        json.dump(count(INPUT), out)
