-- The two database roles and what each may do, run by a superuser inside the database they share.
-- Repeatable. The embedded engines and docker/postgres-init.sh run this same text; passwords are set apart from it.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'governance_owner') THEN
        CREATE ROLE governance_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'governance_app') THEN
        CREATE ROLE governance_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
    EXECUTE format('ALTER DATABASE %I OWNER TO governance_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO governance_app', current_database());
END
$$;

-- Migrations run as the owner; the application finds tables and cannot make or alter any.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO governance_owner;
GRANT USAGE ON SCHEMA public TO governance_app;

ALTER DEFAULT PRIVILEGES FOR ROLE governance_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO governance_app;
ALTER DEFAULT PRIVILEGES FOR ROLE governance_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO governance_app;
ALTER DEFAULT PRIVILEGES FOR ROLE governance_owner IN SCHEMA public
    GRANT EXECUTE ON FUNCTIONS TO governance_app;

-- System work takes on a role of its own (SET LOCAL ROLE, governance/scope.py), which sees the
-- register tables that it needs; the application itself inherits nothing from it.
DO $$
DECLARE work text;
BEGIN
    FOREACH work IN ARRAY ARRAY['governance_sweep', 'governance_retention', 'governance_audit']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = work) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', work);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', work);
    END LOOP;
    ALTER ROLE governance_app NOINHERIT;
    GRANT governance_sweep, governance_retention, governance_audit TO governance_app;
    IF current_setting('server_version_num')::int >= 160000 THEN
        EXECUTE 'GRANT governance_sweep, governance_retention, governance_audit TO governance_app'
            ' WITH INHERIT FALSE, SET TRUE';
    END IF;
END
$$;
