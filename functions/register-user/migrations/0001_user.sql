-- The key makes a name unique, whoever else registers it at the same time.
CREATE TABLE user (name TEXT PRIMARY KEY, password TEXT NOT NULL, registered TEXT NOT NULL) STRICT, WITHOUT ROWID;
