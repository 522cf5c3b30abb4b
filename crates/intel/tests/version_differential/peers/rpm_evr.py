import sys

import rpm


def parse(text):
    try:
        return rpm.ver(text)
    except ValueError:
        return None


for line in sys.stdin:
    a, b = map(parse, line.rstrip("\n").split("\t"))
    print("!" if a is None or b is None else "<" if a < b else ">" if a > b else "=")
