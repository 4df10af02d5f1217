-- Who switched a link off, so that nobody else switches it on again. NULL on a link that is not active: it ended by
-- itself, and its person may link anew.

ALTER TABLE upstream_link ADD COLUMN barred TEXT;
UPDATE upstream_link SET barred = 'upstream' WHERE active = 0 AND id IN (SELECT link_id FROM upstream_link_lost);
-- Of the others nobody noted why.
UPDATE upstream_link SET barred = 'administrator' WHERE active = 0 AND barred IS NULL;
DROP TABLE upstream_link_lost;
