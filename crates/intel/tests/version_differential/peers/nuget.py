import sys
from functools import lru_cache

from univers.versions import NugetVersion


@lru_cache(None)
def parse(text):
    try:
        return NugetVersion(text)
    except Exception:  # It raises several kinds, some by accident.
        return None


for line in sys.stdin:
    a, b = map(parse, line.rstrip("\n").split("\t"))
    print("!" if a is None or b is None else "<" if a < b else ">" if a > b else "=")
