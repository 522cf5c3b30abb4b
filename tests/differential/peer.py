"""Asks pySigma, through its SQLite backend, which rules each event matches.

usage: peer.py RULES... -- EVENTS...     writes: rule id <tab> event id
"""

import ipaddress
import json
import pathlib
import re
import sqlite3
import sys

from sigma.backends.sqlite import sqlite
from sigma.collection import SigmaCollection
from sigma.types import (
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaTimestampPart,
)

import events as log

ALL_TEXT = "floodmark_all_text"


class ManyValued(sqlite.sqliteBackend):
    """The backend, over columns that hold all values of a field: a comparison holds if it does for one of them."""

    # By default 1 and 0 are booleans too, for tables that hold them so; ours hold the words.
    bool_expression = "{field}={value} COLLATE NOCASE"

    names = {}

    # What is no number is not compared as one, and what does not begin as a date is none.
    kinds = {
        SigmaCompareExpression: ("CAST(value AS REAL)", r"CAST(value AS TEXT) REGEXP '^-?[0-9]+(\.[0-9]+)?$'"),
        SigmaTimestampPart: ("upper(substr(value, 1, 19))", "value GLOB '[0-9][0-9][0-9][0-9]-*'"),
    }

    def convert_condition_field_eq_val_cidr(self, cond, state):
        # The backend compares text by wildcards, which holds for what is no address as well.
        return f"IN_NETWORK({self.escape_and_quote_field(cond.field)}, '{cond.value.cidr}')"

    def escape_and_quote_field(self, field):
        return self.names.get(field) or super().escape_and_quote_field(field)

    def convert_condition_field_eq_val(self, cond, state):
        if isinstance(cond.value, (SigmaExpansion, SigmaExists)):
            return super().convert_condition_field_eq_val(cond, state)
        fields = [cond.field]
        if isinstance(cond.value, SigmaFieldReference):
            fields.append(cond.value.field)
        kind, only = self.kinds.get(type(cond.value), ("CAST(value AS TEXT)", "1"))
        sources = ", ".join(
            f"(SELECT {kind} AS value FROM json_each({self.escape_and_quote_field(field)})"
            f" WHERE {only}) v{place}"
            for place, field in enumerate(fields)
        )
        if isinstance(cond.value, SigmaNull):
            return f"NOT EXISTS (SELECT 1 FROM {sources})"
        self.names = {field: f"v{place}.value" for place, field in enumerate(fields)}
        expression = super().convert_condition_field_eq_val(cond, state)
        self.names = {}
        return f"EXISTS (SELECT 1 FROM {sources} WHERE {expression})"


def main():
    arguments = sys.argv[1:]
    cut = arguments.index("--")
    rules = SigmaCollection.load_ruleset([pathlib.Path(path) for path in arguments[:cut]], recursion_pattern="**/*.yml")
    events = list(log.read(arguments[cut + 1 :]))
    backend = ManyValued(collate_nocase=True, fulltext_field=ALL_TEXT)
    columns_known = {}
    for rule in sorted(rules.rules, key=lambda rule: str(rule.id)):
        for event_id in sorted(ask(backend, rule, events, columns_known)):
            print(f"{rule.id}\t{event_id}")


def ask(backend, rule, events, columns_known):
    fields = backend.required_fields(rule)
    connection = sqlite3.connect(":memory:")
    connection.create_function("REGEXP", 2, lambda pattern, text: text is not None and bool(re.search(pattern, text)))
    connection.create_function("IN_NETWORK", 2, in_network)
    columns = ", ".join(f'"{field}" TEXT' for field in fields)
    connection.execute(f'CREATE TABLE logs ("floodmark_event" TEXT, {columns})')
    marks = ", ".join("?" * (len(fields) + 1))
    for field in fields:
        if field not in columns_known:
            columns_known[field] = [column(event, field) for event in events]
    names = [event["eventID"] for event in events]
    rows = zip(names, *(columns_known[field] for field in fields))
    connection.executemany(f"INSERT INTO logs VALUES ({marks})", rows)
    matched = set()
    for query in backend.convert_rule(rule):
        matched.update(row[0] for row in connection.execute(query))
    return matched


def column(event, field):
    """All values of the field as a JSON array; NULL where the event has no such key."""
    if field == ALL_TEXT:
        return "\n".join(log.every_text(event))
    found = log.values(event, field)
    return None if found is None else json.dumps(found)


def in_network(text, network):
    try:
        return ipaddress.ip_address(text) in ipaddress.ip_network(network)
    except ValueError:
        return False


if __name__ == "__main__":
    main()
