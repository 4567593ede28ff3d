"""merge.py - add up the counts of all pieces."""
import json
import os

total = dict.fromkeys(["INFO", "WARN", "DEBUG", "ERROR"], 0)
for path in os.environ["counts"].split():
    with open(path) as part:
        for level, n in json.load(part).items():
            total[level] += n
with open(os.environ["result"], "w") as out:
    out.write(json.dumps(total) + "\n")
