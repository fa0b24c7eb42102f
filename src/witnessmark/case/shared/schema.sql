-- The journals of a newsroom's shared cases. Run once by the schema's owner through `witnessmark newsroom init`.
-- The database checks by itself who may add what, that each entry follows from the one before, and that none is changed.
CREATE SCHEMA witnessmark;

CREATE TABLE witnessmark.person (
    login name PRIMARY KEY,
    actor text NOT NULL UNIQUE CHECK (actor ~ '^[^[:cntrl:]"\\]{1,200}$')
);

CREATE TABLE witnessmark.allowed (
    role text NOT NULL,
    kind text NOT NULL,
    PRIMARY KEY (role, kind)
);

CREATE TABLE witnessmark.entry (
    case_id text NOT NULL CHECK (case_id ~ '^[0-9a-f]{32}$'),
    seq bigint NOT NULL CHECK (seq >= 0),
    kind text NOT NULL,
    line bytea NOT NULL CHECK (length(line) < 4194304),
    added_by name NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, seq)
);

-- `pg_temp` is named and last: else it comes first, and anybody's temporary table would stand in for one of the catalog.
CREATE FUNCTION witnessmark.check_entry() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on AS $$
DECLARE
    who text;
    plain text;
    said jsonb;
    twice boolean;
    earlier bytea;
    expected text := repeat('0', 64);
    owner boolean;
BEGIN
    NEW.added_by := session_user;
    NEW.added_at := clock_timestamp();
    SELECT pg_has_role(session_user, relowner, 'MEMBER') INTO owner
      FROM pg_catalog.pg_class WHERE oid = 'witnessmark.entry'::regclass;
    SELECT actor INTO who FROM witnessmark.person WHERE login = session_user;
    -- The owner may bring in a journal that others wrote before it was shared; nobody else may speak for others.
    IF who IS NULL AND NOT owner THEN
        RAISE EXCEPTION '% is not a person of this newsroom', session_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- What stands in the line counts, as every reader will read it. A key that stands there twice would be read in one
    -- way here and in another way there. jsonb cannot hold the character NUL; nothing that is looked at here needs it.
    BEGIN
        plain := replace(convert_from(NEW.line, 'UTF8'), '\u0000', '\ufffd');
        said := plain::jsonb;
        SELECT count(*) <> count(DISTINCT key) INTO twice FROM (
            SELECT json_object_keys(plain::json) AS key
            UNION ALL SELECT 'actor.' || json_object_keys(plain::json->'actor')
        ) AS keys;
    EXCEPTION WHEN data_exception THEN
        RAISE EXCEPTION 'the line is not an entry: %', SQLERRM;
    END;
    IF twice OR position('\x0a'::bytea IN NEW.line) > 0 THEN
        RAISE EXCEPTION 'the line is not an entry: it has a key twice, or a line break';
    END IF;
    IF said->>'type' IS DISTINCT FROM NEW.kind THEN
        RAISE EXCEPTION 'the line is not an entry of the kind "%"', NEW.kind;
    END IF;
    IF NOT owner THEN
        IF said->'actor'->>'name' IS DISTINCT FROM who THEN
            RAISE EXCEPTION '% writes as "%" only', session_user, who USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NOT EXISTS (
            SELECT FROM witnessmark.allowed a JOIN witnessmark.group_of g ON g.role = a.role
             WHERE a.kind = NEW.kind AND pg_has_role(session_user, g.name, 'MEMBER')
        ) THEN
            RAISE EXCEPTION '% may not add entries of the kind "%"', who, NEW.kind
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END IF;
    IF said->>'case' IS DISTINCT FROM NEW.case_id OR said->'seq' IS DISTINCT FROM to_jsonb(NEW.seq) THEN
        RAISE EXCEPTION 'the line is not entry % of this case', NEW.seq;
    END IF;
    IF NEW.seq > 0 THEN
        SELECT line INTO earlier FROM witnessmark.entry WHERE case_id = NEW.case_id AND seq = NEW.seq - 1;
        IF earlier IS NULL THEN
            RAISE EXCEPTION 'entry % would leave a gap', NEW.seq;
        END IF;
        expected := encode(sha256(decode('00', 'hex') || earlier), 'hex');
    END IF;
    IF said->>'prev' IS DISTINCT FROM expected THEN
        RAISE EXCEPTION 'entry % does not follow from the one before', NEW.seq;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION witnessmark.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER check_entry BEFORE INSERT ON witnessmark.entry
    FOR EACH ROW EXECUTE FUNCTION witnessmark.check_entry();
CREATE TRIGGER keep_entries BEFORE UPDATE OR DELETE ON witnessmark.entry
    FOR EACH ROW EXECUTE FUNCTION witnessmark.refuse_change();
CREATE TRIGGER keep_all_entries BEFORE TRUNCATE ON witnessmark.entry
    FOR EACH STATEMENT EXECUTE FUNCTION witnessmark.refuse_change();

-- Roles belong to the whole server: each database has groups of its own, so that a role here is none elsewhere.
CREATE TABLE witnessmark.group_of (
    role text PRIMARY KEY,
    name name NOT NULL
);

DO $$
DECLARE
    one text;
    made name;
BEGIN
    FOREACH one IN ARRAY ARRAY['collector', 'reviewer', 'reader'] LOOP
        SELECT format('witnessmark_%s_%s', one, oid) INTO made FROM pg_database WHERE datname = current_database();
        INSERT INTO witnessmark.group_of VALUES (one, made);
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = made) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', made);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA witnessmark TO %I', made);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA witnessmark TO %I', made);
        IF one <> 'reader' THEN
            EXECUTE format('GRANT INSERT ON witnessmark.entry TO %I', made);
        END IF;
    END LOOP;
END $$;
