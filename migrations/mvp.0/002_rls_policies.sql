-- migrations/mvp.0/002_rls_policies.sql
-- Purpose: Row-level security for the tables of 001: a tenant sees and writes its own rows only.
-- References: specifications/domains/01-identity/

-- The application connects as a role that neither owns the tables nor has BYPASSRLS, and begins every transaction with
--     SET LOCAL app.current_org_id = '<id of the organization>';
-- Without it, current_setting() fails: a forgotten tenant is an error, never a look at all rows or a silent nothing.
--
--   * Tenant tables are forced: owning them is not enough to look past the policies. What spans tenants
--     (migrations, deletion of a tenant, backups) runs as a role with BYPASSRLS, postgres in Supabase. A migration
--     without it would fail to validate a new foreign key, for the server reads the rows under the policies.
--   * accounts and the lookups are not forced: they belong to no tenant, and their owner writes them.
--   * The tables of later migrations get their policies in the migration that creates them.

-- ---------------------------------------------------------------------------------------------------
-- Identity
-- ---------------------------------------------------------------------------------------------------

-- A new organization is written by a transaction that has made its id the current one.
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;

CREATE POLICY organizations_tenant_isolation ON organizations
    USING (id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (id = current_setting('app.current_org_id')::uuid);

ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;

CREATE POLICY memberships_tenant_isolation ON memberships
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- A tenant sees its members and the services of the platform. Accounts are written by the identity service,
-- which owns the table: there is no policy for writing.
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;

CREATE POLICY accounts_tenant_read ON accounts
    FOR SELECT
    USING (
        kind = 'service'
        OR EXISTS (
            SELECT
            FROM memberships m
            WHERE m.account_id = accounts.id
                AND m.org_id = current_setting('app.current_org_id')::uuid
        )
    );

-- ---------------------------------------------------------------------------------------------------
-- Supply
-- ---------------------------------------------------------------------------------------------------

ALTER TABLE properties ENABLE ROW LEVEL SECURITY;
ALTER TABLE properties FORCE ROW LEVEL SECURITY;

CREATE POLICY properties_tenant_isolation ON properties
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

ALTER TABLE units ENABLE ROW LEVEL SECURITY;
ALTER TABLE units FORCE ROW LEVEL SECURITY;

CREATE POLICY units_tenant_isolation ON units
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Channels
-- ---------------------------------------------------------------------------------------------------

ALTER TABLE channel_connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE channel_connections FORCE ROW LEVEL SECURITY;

CREATE POLICY channel_connections_tenant_isolation ON channel_connections
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

ALTER TABLE listings ENABLE ROW LEVEL SECURITY;
ALTER TABLE listings FORCE ROW LEVEL SECURITY;

CREATE POLICY listings_tenant_isolation ON listings
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Sync
-- ---------------------------------------------------------------------------------------------------

ALTER TABLE sync_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_runs FORCE ROW LEVEL SECURITY;

CREATE POLICY sync_runs_tenant_isolation ON sync_runs
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

ALTER TABLE sync_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_records FORCE ROW LEVEL SECURITY;

CREATE POLICY sync_records_tenant_isolation ON sync_records
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Audit: may be read and added to; no policy lets a tenant change or delete an event.
-- ---------------------------------------------------------------------------------------------------

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;

CREATE POLICY audit_events_tenant_read ON audit_events
    FOR SELECT
    USING (org_id = current_setting('app.current_org_id')::uuid);

CREATE POLICY audit_events_tenant_insert ON audit_events
    FOR INSERT
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Lookups: everybody may read them; only their owner, that is a migration, may write.
-- ---------------------------------------------------------------------------------------------------

ALTER TABLE roles ENABLE ROW LEVEL SECURITY;

CREATE POLICY roles_read ON roles
    FOR SELECT
    USING (true);

ALTER TABLE permissions ENABLE ROW LEVEL SECURITY;

CREATE POLICY permissions_read ON permissions
    FOR SELECT
    USING (true);

ALTER TABLE role_permissions ENABLE ROW LEVEL SECURITY;

CREATE POLICY role_permissions_read ON role_permissions
    FOR SELECT
    USING (true);

ALTER TABLE channels ENABLE ROW LEVEL SECURITY;

CREATE POLICY channels_read ON channels
    FOR SELECT
    USING (true);
