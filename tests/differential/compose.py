"""Composes Sigma rules: every modifier, alone and in chains, over values that are hard to read, in every form of
condition.

usage: compose.py     writes the rules as YAML documents
"""

import itertools
import json

TEXTS = [["plain"], ["Mixed Case", "ümlaut"], ["a*b?c"], [r"a\*b", r"c:\\dir\file"], [r"end\\*", r"\?"], ["100%_"], [""]]
WORDS = [["curl http"], ["a", "whoami /all"]]
REGEXES = [["^a.c$"], ["B+c", "x|y"], [r"\d{2}-[a-f]*$"]]
NUMBERS = [[5], [0, -3], [2.5]]
FIELDS = [["requestParameters.b"], ["requestParameters.b", "userAgent"]]

CHAINS = {
    "": [*TEXTS, [1, "two", True], [1.5], [False], [None]],
    "cased": TEXTS,
    "contains": TEXTS,
    "startswith": TEXTS,
    "endswith": TEXTS,
    "contains|cased": TEXTS,
    "startswith|cased": TEXTS,
    "endswith|cased": TEXTS,
    "contains|all": [["one", "two"], ["ab*", "ba"]],
    "all": [["x*", "*y"]],
    "neq": [*TEXTS, [1, "two"], [None]],
    "contains|neq": TEXTS,
    "re": REGEXES,
    "re|i": REGEXES,
    "re|m": [["^b$"]],
    "re|s": [["a.b"]],
    "re|i|s": [["A.B"]],
    "re|neq": REGEXES,
    "base64": WORDS,
    "base64offset|contains": WORDS[:1],
    "wide|base64": WORDS,
    "wide|base64offset|contains": WORDS,
    "utf16be|base64": WORDS,
    "utf16|base64": WORDS,
    "windash": [["-x /y"], ["tool -a-b"]],
    "windash|contains": [[" -enc "], ["/c*x"]],
    "windash|contains|all": [[" -a", " -b"]],
    "windash|endswith|cased": [[" /S"]],
    "cidr": [["10.0.0.0/8"], ["192.168.4.0/22", "fd00::/8"]],
    "cidr|neq": [["10.0.0.0/8"]],
    "exists": [[True], [False]],
    "lt": NUMBERS,
    "lte": NUMBERS,
    "gt": NUMBERS,
    "gte": NUMBERS,
    "minute": [[20]],
    "hour": [[12, 13]],
    "day": [[10]],
    "month": [[7]],
    "year": [[2023]],
    "fieldref": FIELDS,
    "fieldref|neq": FIELDS,
    "fieldref|startswith": FIELDS[:1],
    "fieldref|endswith": FIELDS[:1],
    "fieldref|contains": FIELDS[:1],
}

CONDITIONS = [
    "main",
    "main and other",
    "main and not other",
    "not main and other",
    "main or not other",
    "1 of them",
    "all of *a*",
    "not 1 of o*",
    "(main or other) and not (main and other)",
    "not (main or other)",
]


def main():
    conditions = itertools.cycle(CONDITIONS)
    number = itertools.count(0x1000)
    for chain, all_values in CHAINS.items():
        for values in all_values:
            print(json.dumps(rule(next(number), chain, values, next(conditions))), "---", sep="\n")


def rule(number, chain, values, condition):
    key = "|".join(["requestParameters.a", *filter(None, [chain])])
    return {
        "title": f"{chain or 'no modifier'}: {values}",
        "id": f"00000000-0000-4000-8000-{number:012x}",
        "logsource": {"product": "aws", "service": "cloudtrail"},
        "detection": {
            "main": {key: values if len(values) > 1 else values[0]},
            "other": [{"awsRegion": "eu-*"}, {"errorCode|contains": "Denied"}],
            "condition": condition,
        },
        "level": "low",
    }


if __name__ == "__main__":
    main()
