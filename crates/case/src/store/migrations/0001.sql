CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    who TEXT NOT NULL,
    program TEXT NOT NULL,
    command TEXT NOT NULL,
    deed TEXT NOT NULL,
    detail TEXT NOT NULL,
    rows INTEGER NOT NULL,
    content BLOB NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE evidence (
    id BLOB NOT NULL,
    source TEXT NOT NULL,
    size INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (id, source)
) STRICT;
CREATE INDEX evidence_entry ON evidence (entry);

CREATE TABLE answer (
    entry INTEGER PRIMARY KEY,
    command TEXT NOT NULL,
    json TEXT NOT NULL
) STRICT;
CREATE INDEX answer_command ON answer (command, entry);

-- What follows is derived from the current answer of each command; `body` is the whole thing as JSON.

CREATE TABLE finding (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    id TEXT NOT NULL,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,
    severity TEXT NOT NULL,
    confidence TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;

CREATE TABLE link (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    from_kind TEXT NOT NULL,
    from_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    to_kind TEXT NOT NULL,
    to_id TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT NOT NULL,
    confidence TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;
CREATE INDEX link_from ON link (from_kind, from_id);
CREATE INDEX link_to ON link (to_kind, to_id);

CREATE TABLE node (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;
CREATE INDEX node_name ON node (kind, id);

CREATE TABLE credential (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    principal TEXT NOT NULL,
    account TEXT NOT NULL,
    parent TEXT,
    tainted INTEGER NOT NULL,
    fell TEXT,
    confidence TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;

CREATE TABLE reached (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    resource TEXT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    access TEXT NOT NULL,
    started TEXT NOT NULL,
    ended TEXT NOT NULL,
    confidence TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;
CREATE INDEX reached_resource ON reached (resource);

CREATE TABLE leftover (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    since TEXT NOT NULL,
    made_by TEXT NOT NULL,
    confidence TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;
