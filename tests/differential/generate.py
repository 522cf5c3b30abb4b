"""Derives events from Sigma rules: such as satisfy some of a rule's detections, and near misses of these.

usage: generate.py RULES...     writes one event a line

For each set of a rule's named detections an event is made that satisfies just these, once with each value of
each list. Of each such event variants are made with one field changed: another value, another case, the value
within an array, the field gone, the field null.
"""

import base64
import copy
import itertools
import json
import pathlib
import re
import sys

import yaml

MAX_SETS = 32
MAX_VALUES = 12
TIME = "2023-07-10T12:20:05Z"
UTF16 = {"wide": "utf-16le", "utf16le": "utf-16le", "utf16be": "utf-16be", "utf16": "utf-16le"}


def main():
    files = sorted(file for path in sys.argv[1:] for file in files_of(pathlib.Path(path)))
    seen = set()
    for file in files:
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if document and "detection" in document:
                for number, event in enumerate(events_of(document["detection"])):
                    text = json.dumps(event)
                    if text not in seen:
                        seen.add(text)
                        print(json.dumps(event | {"eventID": f"{document['id']}-{number}"}))


def files_of(path):
    return path.rglob("*.yml") if path.is_dir() else [path]


def events_of(detection):
    named = {name: body for name, body in detection.items() if name not in ("condition", "timeframe")}
    sets = itertools.chain.from_iterable(
        itertools.combinations(sorted(named), size) for size in range(len(named), 0, -1)
    )
    seen = set()
    for chosen in itertools.islice(sets, MAX_SETS):
        for event in satisfying([named[name] for name in chosen]):
            for variant in [event, *near_misses(event)]:
                key = json.dumps(variant, sort_keys=True)
                if key not in seen:
                    seen.add(key)
                    yield variant


def satisfying(bodies):
    """Events in which all bodies hold: the first choice of each, then every other choice of one at a time."""
    choices = [list(itertools.islice(assignments(body), MAX_VALUES)) for body in bodies]
    yield build([options[0] for options in choices])
    for place, options in enumerate(choices):
        for option in options[1:]:
            yield build([option if at == place else others[0] for at, others in enumerate(choices)])


def assignments(body):
    """Ways to satisfy a detection, each a map from field to a list of values it must contain."""
    if isinstance(body, list):
        for part in body:
            yield from assignments(part)
    elif isinstance(body, dict):
        items = [list(item_values(key, value)) for key, value in body.items()]
        yield {field: wanted for options in items for field, wanted in [options[0]]}
        for place, options in enumerate(items):
            for option in options[1:]:
                rest = [other[0] for at, other in enumerate(items) if at != place]
                yield dict([*rest, option])
    else:
        yield {"": [fill(str(body))]}


def item_values(key, value):
    field, *modifiers = key.split("|")
    listed = value if isinstance(value, list) else [value]
    if "all" in modifiers:
        yield field, [" ".join(sample(one, modifiers) for one in listed)]
        return
    for one in listed:
        if one is None:
            yield field, []
        elif "fieldref" in modifiers:
            yield field, [("same as", one)]
        elif "exists" in modifiers:
            yield field, ["present"] if one else []
        else:
            yield field, [sample(one, modifiers)]


def sample(value, modifiers):
    if any(part in modifiers for part in ("minute", "hour", "day", "month", "year")):
        return TIME
    if not isinstance(value, str):
        return value
    if "re" in modifiers:
        return from_regex(value)
    if "cidr" in modifiers:
        return value.split("/")[0].replace("::", "::1")
    text = encoded(fill(value), modifiers)
    before = "x-" if "contains" in modifiers or "endswith" in modifiers else ""
    after = "-y" if "contains" in modifiers or "startswith" in modifiers else ""
    return before + text + after


def encoded(text, modifiers):
    """The text as the encoding modifiers leave it; ASCII only."""
    bytes_ = text.encode()
    for modifier in modifiers:
        if modifier in UTF16:
            bytes_ = (b"\xff\xfe" if modifier == "utf16" else b"") + text.encode(UTF16[modifier])
        elif modifier.startswith("base64"):
            bytes_ = base64.b64encode(bytes_)
    return bytes_.decode()


def fill(pattern):
    """A text that a Sigma string matches."""
    escapes = re.sub(r"\\([*?\\])", lambda match: {"*": "\0", "?": "\1", "\\": "\2"}[match[1]], pattern)
    filled = escapes.replace("*", "any").replace("?", "1")
    return filled.replace("\0", "*").replace("\1", "?").replace("\2", "\\")


def from_regex(pattern):
    """A text in which a simple regular expression is found."""
    return "".join(_text(part) for part in re._parser.parse(pattern))


def _text(part):
    kind, argument = str(part[0]), part[1]
    if kind == "LITERAL":
        return chr(argument)
    if kind == "NOT_LITERAL":
        return "b" if argument == ord("a") else "a"
    if kind == "IN":
        return "".join(_text(one) for one in argument[:1])
    if kind == "RANGE":
        return chr(argument[0])
    if kind == "CATEGORY":
        return "1" if "DIGIT" in str(argument) else "a"
    if kind in ("MAX_REPEAT", "MIN_REPEAT"):
        return "".join(_text(one) for one in argument[2]) * max(1, argument[0])
    if kind == "SUBPATTERN":
        return "".join(_text(one) for one in argument[3])
    if kind == "BRANCH":
        return "".join(_text(one) for one in argument[1][0])
    return "z" if kind == "ANY" else ""


def build(parts):
    event = {}
    wanted = {field: values for part in parts for field, values in part.items()}
    later = []
    for field, values in wanted.items():
        if values and isinstance(values[0], tuple):
            later.append((field, values[0][1]))
        elif values:
            put(event, field or "requestParameters.note", values[0])
    for field, other in later:
        if get(event, other) is None:
            put(event, other, "shared-value")
        put(event, field, get(event, other))
    return event


def put(event, field, value):
    *way, last = field.split(".")
    for name in way:
        inner = event.get(name)
        if not isinstance(inner, dict):
            inner = event[name] = {} if inner is None else {"note": inner}
        event = inner
    if isinstance(event.get(last), dict):
        event[last]["note"] = value
    else:
        event[last] = value


def get(event, field):
    for name in field.split("."):
        event = event.get(name) if isinstance(event, dict) else None
    return event


def near_misses(event):
    for way, value in leaves(event):
        changes = [[value], ["other", value], f"{value}x", f"x{value}", None, [], {"inner": value}, 1, True, ""]
        if isinstance(value, str):
            changes += [value[:-1], value[1:]]
            # SQLite knows the case of ASCII only.
            changes += [value.upper(), value.lower()] if value.isascii() else []
            changes += [f"{value}\n", f"a\n{value}", value.replace("-", "/"), f" {value} ", "10.255.0.1", "2024-08-11 13:21"]
        elif not isinstance(value, (bool, list)):
            changes += [value + 1, value - 1, value + 0.5]
        for change in changes:
            yield changed(event, way, change)
        yield without(event, way)


def leaves(node, way=()):
    for name, inner in node.items():
        if isinstance(inner, dict):
            yield from leaves(inner, (*way, name))
        else:
            yield (*way, name), inner


def changed(event, way, value):
    copied = copy.deepcopy(event)
    at(copied, way[:-1])[way[-1]] = value
    return copied


def without(event, way):
    copied = copy.deepcopy(event)
    del at(copied, way[:-1])[way[-1]]
    return copied


def at(event, way):
    for name in way:
        event = event[name]
    return event


if __name__ == "__main__":
    main()
