import sys
from functools import lru_cache

from packaging.version import InvalidVersion, Version


@lru_cache(None)
def parse(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


for line in sys.stdin:
    a, b = map(parse, line.rstrip("\n").split("\t"))
    print("!" if a is None or b is None else "<" if a < b else ">" if a > b else "=")
