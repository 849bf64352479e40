-- Run once, by the first start of the database's container: CAIT's own user, and the database that belongs to it.
-- That user is no superuser, so that whoever got hold of the web would still not own the whole server.
\getenv password POSTGRES_PASSWORD
CREATE ROLE cait LOGIN PASSWORD :'password';
CREATE DATABASE cait OWNER cait;
-- Nobody comes as the superuser over the network, only from inside the container, as backups do.
ALTER ROLE postgres PASSWORD NULL;
