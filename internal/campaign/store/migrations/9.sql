-- How often something happened to the repository that has an owner's settings, at the
-- forge: each process knows by it whether what it has read is old.
CREATE TABLE owner (
  forge TEXT NOT NULL,
  name  TEXT NOT NULL,
  told  BIGINT NOT NULL,
  PRIMARY KEY (forge, name)
);
