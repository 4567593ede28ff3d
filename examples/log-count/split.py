#!/usr/bin/env python3
"""split.py - cut the log into three parts: one input file for each instance of the task `count`."""
import os

INPUT = "/home/input/log-count-data.txt"
OUTPUT = "/home/output/split_results"
PARTS = 3


def split(source, target, parts):
    os.makedirs(target, exist_ok=True)
    outs = [open(os.path.join(target, "%d.txt" % i), "w") for i in range(parts)]
    with open(source) as lines:
        for number, line in enumerate(lines):
            outs[number % parts].write(line)
    for out in outs:
        out.close()


if __name__ == "__main__":
    split(INPUT, OUTPUT, PARTS)
