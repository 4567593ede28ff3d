"""count.py - count the levels in one piece."""
import json
import os

found = dict.fromkeys(["INFO", "WARN", "DEBUG", "ERROR"], 0)
with open(os.environ["part"]) as lines:
    for line in lines:
        for word in line.split():
            if word in found:
                found[word] += 1
                break
with open(os.environ["json"], "w") as out:
    json.dump(found, out)
