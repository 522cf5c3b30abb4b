-- What is there has no time: `started` and `ended` may be NULL. The inventory of `scan` has tables of its own.

CREATE TEMPORARY TABLE kept AS SELECT * FROM finding;
DROP TABLE finding;
CREATE TABLE finding (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    id TEXT NOT NULL,
    rule TEXT NOT NULL,
    title TEXT NOT NULL,
    severity TEXT NOT NULL,
    confidence TEXT NOT NULL,
    started TEXT,
    ended TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;
INSERT INTO finding SELECT * FROM kept;
DROP TABLE kept;

CREATE TEMPORARY TABLE kept AS SELECT * FROM link;
DROP TABLE link;
CREATE TABLE link (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    from_kind TEXT NOT NULL,
    from_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    to_kind TEXT NOT NULL,
    to_id TEXT NOT NULL,
    started TEXT,
    ended TEXT,
    confidence TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;
INSERT INTO link SELECT * FROM kept;
DROP TABLE kept;
CREATE INDEX link_from ON link (from_kind, from_id);
CREATE INDEX link_to ON link (to_kind, to_id);

CREATE TABLE component (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    purl TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT,
    ecosystem TEXT,
    scope TEXT NOT NULL,
    direct INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;
CREATE INDEX component_purl ON component (purl);
CREATE INDEX component_name ON component (name);

CREATE TABLE flaw (
    answer INTEGER NOT NULL,
    place INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    component TEXT NOT NULL,
    finding TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (answer, place)
) STRICT;
CREATE INDEX flaw_id ON flaw (id);
CREATE INDEX flaw_component ON flaw (component);
