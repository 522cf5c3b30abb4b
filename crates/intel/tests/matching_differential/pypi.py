"""What PyPI's own `packaging` says of versions and the advisories of an archive.

Arguments: the archive, and how many versions of each package to ask about. Writes one line for each: package, version,
advisories that touch it, advisories of which it cannot be told; the last two joined with commas.
"""

import json
import random
import re
import sys
import zipfile
from functools import lru_cache

from packaging.version import InvalidVersion, Version


@lru_cache(maxsize=None)
def parsed(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def in_range(version, events):
    """Whether the range holds it, by the algorithm of the schema; None if a bound is no version."""
    turns = []
    for event in events:
        for kind, text in event.items():
            if kind == "introduced" and text == "0":
                turns.append((False, Version("0.dev0"), kind))
            elif parsed(text) is None:
                return None
            else:
                turns.append((True, parsed(text), kind))
    if not any(kind == "introduced" for _, _, kind in turns):
        return None
    order = {"fixed": 0, "last_affected": 1, "introduced": 2}
    turns.sort(key=lambda turn: (turn[0], turn[1], order[turn[2]]))
    held = False
    for bounded, bound, kind in turns:
        if kind == "introduced" and (not bounded or version >= bound):
            held = True
        elif kind == "fixed" and version >= bound:
            held = False
        elif kind == "last_affected" and version > bound:
            held = False
    return held


def judge(version, affected):
    if any(parsed(listed) == version for listed in affected.get("versions") or []):
        return True
    verdicts = [
        in_range(version, entry["events"]) for entry in affected.get("ranges") or [] if entry["type"] == "ECOSYSTEM"
    ]
    if any(verdicts):
        return True
    if None in verdicts:
        return None
    if not verdicts and not affected.get("versions"):
        return None
    return False


def main():
    packages = {}
    with zipfile.ZipFile(sys.argv[1]) as archive:
        for name in sorted(archive.namelist()):
            record = json.loads(archive.read(name))
            if record.get("withdrawn"):
                continue
            for affected in record["affected"]:
                package = re.sub(r"[-_.]+", "-", affected["package"]["name"]).lower()
                packages.setdefault(package, []).append((record["id"], affected))
    random.seed(1)
    for package, named in sorted(packages.items()):
        texts = set()
        for _, affected in named:
            texts.update(affected.get("versions") or [])
            for entry in affected.get("ranges") or []:
                if entry["type"] == "ECOSYSTEM":
                    texts.update(text for event in entry["events"] for text in event.values())
        texts = sorted(text for text in texts if parsed(text) is not None)
        chosen = random.sample(texts, min(len(texts), int(sys.argv[2])))
        # Neighbours of real versions, where bounds and their spelling show.
        chosen += [text + suffix for text in chosen[:2] for suffix in (".0", "rc1", ".post1", ".dev1") if parsed(text + suffix)]
        for text in chosen:
            touching, undecided = set(), set()
            for identity, affected in named:
                verdict = judge(parsed(text), affected)
                if verdict:
                    touching.add(identity)
                elif verdict is None:
                    undecided.add(identity)
            print(package, text, ",".join(sorted(touching)), ",".join(sorted(undecided - touching)), sep="\t")


main()
