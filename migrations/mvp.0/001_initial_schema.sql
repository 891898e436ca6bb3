-- migrations/mvp.0/001_initial_schema.sql
-- Purpose: The foundation: identity, supply, channels, sync and audit (14 tables), enough for a one-way sync from Hostaway.
-- References: specifications/domains/01-identity/, specifications/domains/02-supply/, specifications/domains/03-channels/, specifications/domains/04-sync/, specifications/domains/05-audit/

-- How every table of the platform is built:
--   * A tenant table has org_id, and references to other tenant tables carry org_id along
--     (org_id, unit_id) -> units (org_id, id). Foreign keys are checked past row-level security, so
--     without the org_id a row of one organization could point at a row of another.
--   * A table without org_id is a lookup shared by all tenants, or is said to be an exception in its comment.
--   * account_id is the actor, a person or a service, who owns or caused the row.
--   * Closed sets of values are text with a CHECK: a value is added or removed inside a transaction.
--   * Every foreign key has an index led by its columns. An index that is led by org_id,
--     UNIQUE (org_id, id) included, is the index of org_id as well.
--   * jsonb columns are searched by containment (@>), hence gin with jsonb_path_ops.
--   * Names: <table>_<columns>_fkey | _key | _check | _excl | _idx, triggers <table>_<what it does>.
--   * No CREATE ROLE and no GRANT: roles belong to the cluster, not to this database's history.

-- ---------------------------------------------------------------------------------------------------
-- Functions that triggers call
-- ---------------------------------------------------------------------------------------------------

CREATE FUNCTION set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION set_updated_at() IS 'Keeps updated_at true, whoever writes. The triggers skip updates that change nothing, so a repeated sync does not look like an edit.';

CREATE FUNCTION reject_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $$
BEGIN
    -- A closed tenant is deleted as a whole: its organization is already gone when the cascade gets here.
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT FROM public.organizations o WHERE o.id = OLD.org_id) THEN
            RETURN OLD;
        END IF;
    END IF;

    RAISE EXCEPTION '% on % is not allowed: the table is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END;
$$;

COMMENT ON FUNCTION reject_change() IS 'Makes a tenant table append-only. Rows leave only together with their organization.';

-- ---------------------------------------------------------------------------------------------------
-- Identity
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE organizations (
    id               uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    owner_account_id uuid        NOT NULL,
    name             text        NOT NULL,
    slug             text        NOT NULL,
    status           text        NOT NULL DEFAULT 'active',
    default_currency char(3)     NOT NULL DEFAULT 'USD',
    time_zone        text        NOT NULL DEFAULT 'UTC',
    settings         jsonb       NOT NULL DEFAULT '{}',
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT organizations_slug_key UNIQUE (slug),
    CONSTRAINT organizations_name_check CHECK (btrim(name) <> ''),
    CONSTRAINT organizations_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 63),
    CONSTRAINT organizations_status_check CHECK (status IN ('active', 'suspended', 'closed')),
    CONSTRAINT organizations_default_currency_check CHECK (default_currency ~ '^[A-Z]{3}$'),
    CONSTRAINT organizations_settings_check CHECK (jsonb_typeof(settings) = 'object')
);

COMMENT ON TABLE organizations IS 'A tenant: a property manager or host business. It has no org_id because its id is the org_id of all others.';
COMMENT ON COLUMN organizations.owner_account_id IS 'Who answers for the tenant; always one of its members.';
COMMENT ON COLUMN organizations.slug IS 'Name in URLs and subdomains, hence at most 63 characters.';
COMMENT ON COLUMN organizations.status IS 'active; suspended: read-only, syncs are paused; closed: waits for deletion.';
COMMENT ON COLUMN organizations.default_currency IS 'ISO 4217 code that new units start with.';
COMMENT ON COLUMN organizations.time_zone IS 'IANA name; the default of new properties.';
COMMENT ON COLUMN organizations.settings IS 'Preferences that no query depends on.';

CREATE INDEX organizations_settings_idx ON organizations USING gin (settings jsonb_path_ops);

CREATE TRIGGER organizations_set_updated_at
    BEFORE UPDATE ON organizations
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

CREATE TABLE accounts (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    auth_user_id uuid,
    kind         text        NOT NULL DEFAULT 'person',
    email        text,
    display_name text        NOT NULL,
    locale       text        NOT NULL DEFAULT 'en',
    status       text        NOT NULL DEFAULT 'active',
    last_seen_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT accounts_auth_user_id_key UNIQUE (auth_user_id),
    CONSTRAINT accounts_kind_check CHECK (kind IN ('person', 'service')),
    CONSTRAINT accounts_kind_email_check CHECK ((kind = 'person') = (email IS NOT NULL)),
    CONSTRAINT accounts_kind_auth_user_id_check CHECK (kind = 'person' OR auth_user_id IS NULL),
    CONSTRAINT accounts_email_check CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    CONSTRAINT accounts_display_name_check CHECK (btrim(display_name) <> ''),
    CONSTRAINT accounts_locale_check CHECK (locale ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
    CONSTRAINT accounts_status_check CHECK (status IN ('active', 'disabled'))
);

COMMENT ON TABLE accounts IS 'An actor. It has no org_id because one person may work for several organizations; memberships says which.';
COMMENT ON COLUMN accounts.auth_user_id IS 'The login in the auth service (auth.users in Supabase). No foreign key: that schema is not ours. Null until the first login.';
COMMENT ON COLUMN accounts.kind IS 'person: has an email and may log in; service: a worker of the platform, so that automatic changes have an actor too.';
COMMENT ON COLUMN accounts.locale IS 'Language tag for messages, such as en or pt-BR.';
COMMENT ON COLUMN accounts.status IS 'Accounts are disabled, hardly ever deleted: history refers to them.';

-- One account for one address, however it is capitalized.
CREATE UNIQUE INDEX accounts_lower_email_idx ON accounts (lower(email));

CREATE TRIGGER accounts_set_updated_at
    BEFORE UPDATE ON accounts
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

CREATE TABLE roles (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    code        text        NOT NULL,
    name        text        NOT NULL,
    description text        NOT NULL,
    rank        smallint    NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT roles_code_key UNIQUE (code),
    CONSTRAINT roles_code_check CHECK (code ~ '^[a-z]+(_[a-z]+)*$'),
    CONSTRAINT roles_rank_check CHECK (rank BETWEEN 1 AND 100)
);

COMMENT ON TABLE roles IS 'Lookup: what a member may be. The same for all tenants, so no org_id.';
COMMENT ON COLUMN roles.code IS 'Stable name that the application refers to.';
COMMENT ON COLUMN roles.rank IS '1 is the highest. Nobody may grant a role that outranks their own.';

CREATE TRIGGER roles_set_updated_at
    BEFORE UPDATE ON roles
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

CREATE TABLE permissions (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    code        text        NOT NULL,
    description text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT permissions_code_key UNIQUE (code),
    CONSTRAINT permissions_code_check CHECK (code ~ '^[a-z_]+\.[a-z_]+$')
);

COMMENT ON TABLE permissions IS 'Lookup: what the application may ask about. The same for all tenants, so no org_id.';
COMMENT ON COLUMN permissions.code IS 'domain.action, such as supply.write.';

CREATE TRIGGER permissions_set_updated_at
    BEFORE UPDATE ON permissions
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

CREATE TABLE role_permissions (
    id            uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    role_id       uuid        NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    permission_id uuid        NOT NULL REFERENCES permissions (id) ON DELETE CASCADE,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT role_permissions_role_id_permission_id_key UNIQUE (role_id, permission_id)
);

COMMENT ON TABLE role_permissions IS 'Lookup: which role has which permission. The same for all tenants, so no org_id.';

CREATE INDEX role_permissions_permission_id_idx ON role_permissions (permission_id);

CREATE TRIGGER role_permissions_set_updated_at
    BEFORE UPDATE ON role_permissions
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

CREATE TABLE memberships (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id      uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id  uuid        NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role_id     uuid        NOT NULL REFERENCES roles (id) ON DELETE RESTRICT,
    status      text        NOT NULL DEFAULT 'invited',
    invited_at  timestamptz NOT NULL DEFAULT now(),
    accepted_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT memberships_org_id_account_id_key UNIQUE (org_id, account_id),
    CONSTRAINT memberships_status_check CHECK (status IN ('invited', 'active', 'revoked')),
    CONSTRAINT memberships_accepted_at_check CHECK (status <> 'active' OR accepted_at IS NOT NULL)
);

COMMENT ON TABLE memberships IS 'Which account works for which organization, and as what.';
COMMENT ON COLUMN memberships.account_id IS 'The member.';
COMMENT ON COLUMN memberships.status IS 'revoked keeps the row, so that a new invitation finds it.';

CREATE INDEX memberships_account_id_idx ON memberships (account_id);
CREATE INDEX memberships_role_id_idx ON memberships (role_id);

CREATE TRIGGER memberships_set_updated_at
    BEFORE UPDATE ON memberships
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

-- An organization needs its owner's membership and the membership needs the organization: both are written in
-- one transaction, and the check waits for its end. It also keeps the owner from being removed.
ALTER TABLE organizations
    ADD CONSTRAINT organizations_owner_account_id_id_fkey FOREIGN KEY (owner_account_id, id)
        REFERENCES memberships (account_id, org_id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX organizations_owner_account_id_id_idx ON organizations (owner_account_id, id);

-- ---------------------------------------------------------------------------------------------------
-- Supply
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE properties (
    id            uuid         PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id        uuid         NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name          text         NOT NULL,
    property_type text         NOT NULL,
    status        text         NOT NULL DEFAULT 'draft',
    address_line1 text,
    address_line2 text,
    city          text,
    region        text,
    postal_code   text,
    country_code  char(2)      NOT NULL,
    latitude      numeric(9,6),
    longitude     numeric(9,6),
    time_zone     text         NOT NULL DEFAULT 'UTC',
    attributes    jsonb        NOT NULL DEFAULT '{}',
    created_at    timestamptz  NOT NULL DEFAULT now(),
    updated_at    timestamptz  NOT NULL DEFAULT now(),

    CONSTRAINT properties_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT properties_name_check CHECK (btrim(name) <> ''),
    CONSTRAINT properties_property_type_check CHECK (property_type IN ('house', 'apartment_building', 'villa', 'cabin', 'resort', 'hotel', 'other')),
    CONSTRAINT properties_status_check CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT properties_country_code_check CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT properties_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT properties_longitude_check CHECK (longitude BETWEEN -180 AND 180),
    CONSTRAINT properties_coordinates_check CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CONSTRAINT properties_attributes_check CHECK (jsonb_typeof(attributes) = 'object')
);

COMMENT ON TABLE properties IS 'A place with an address. What guests stay in are its units, be it only one.';
COMMENT ON COLUMN properties.status IS 'draft: not complete; active; archived: no longer managed, kept for its history.';
COMMENT ON COLUMN properties.region IS 'State, province or county, as locals write it.';
COMMENT ON COLUMN properties.country_code IS 'ISO 3166-1 alpha-2.';
COMMENT ON COLUMN properties.time_zone IS 'IANA name. Check-in and check-out are meant in this zone.';
COMMENT ON COLUMN properties.attributes IS 'What only some properties have: licence numbers, access notes.';

CREATE INDEX properties_attributes_idx ON properties USING gin (attributes jsonb_path_ops);

CREATE TRIGGER properties_set_updated_at
    BEFORE UPDATE ON properties
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

CREATE TABLE units (
    id             uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id         uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    property_id    uuid          NOT NULL,
    name           text          NOT NULL,
    status         text          NOT NULL DEFAULT 'draft',
    max_guests     smallint      NOT NULL,
    bedrooms       smallint      NOT NULL DEFAULT 0,
    beds           smallint      NOT NULL DEFAULT 1,
    bathrooms      numeric(3,1)  NOT NULL DEFAULT 1,
    area_sqm       numeric(7,2),
    base_price     numeric(14,2),
    currency       char(3)       NOT NULL,
    check_in_time  time          NOT NULL DEFAULT '15:00',
    check_out_time time          NOT NULL DEFAULT '11:00',
    amenities      text[]        NOT NULL DEFAULT '{}',
    attributes     jsonb         NOT NULL DEFAULT '{}',
    created_at     timestamptz   NOT NULL DEFAULT now(),
    updated_at     timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT units_org_id_property_id_fkey FOREIGN KEY (org_id, property_id)
        REFERENCES properties (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT units_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT units_property_id_name_key UNIQUE (property_id, name),
    CONSTRAINT units_name_check CHECK (btrim(name) <> ''),
    CONSTRAINT units_status_check CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT units_max_guests_check CHECK (max_guests BETWEEN 1 AND 100),
    CONSTRAINT units_rooms_check CHECK (bedrooms >= 0 AND beds >= 0 AND bathrooms >= 0),
    CONSTRAINT units_area_sqm_check CHECK (area_sqm > 0),
    CONSTRAINT units_base_price_check CHECK (base_price >= 0),
    CONSTRAINT units_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT units_attributes_check CHECK (jsonb_typeof(attributes) = 'object')
);

COMMENT ON TABLE units IS 'What is rented as a whole: a house, an apartment, a room. All calendars, listings and bookings are about units.';
COMMENT ON COLUMN units.property_id IS 'A property with units is archived, not deleted.';
COMMENT ON COLUMN units.status IS 'draft: not complete; active: may be booked; archived: no longer rented, kept for its history.';
COMMENT ON COLUMN units.bedrooms IS '0 is a studio.';
COMMENT ON COLUMN units.bathrooms IS 'In halves: 1.5 is a bathroom and a toilet.';
COMMENT ON COLUMN units.base_price IS 'For one night, as Hostaway tells it; null while unknown.';
COMMENT ON COLUMN units.currency IS 'ISO 4217 code of all prices of the unit.';
COMMENT ON COLUMN units.check_in_time IS 'From when guests may enter, in the time zone of the property.';
COMMENT ON COLUMN units.check_out_time IS 'By when guests have left, in the time zone of the property.';
COMMENT ON COLUMN units.amenities IS 'Codes such as wifi or hot_tub, mapped from what the channel calls them.';
COMMENT ON COLUMN units.attributes IS 'What only some units have: floor, view, house rules.';

CREATE INDEX units_org_id_property_id_idx ON units (org_id, property_id);
CREATE INDEX units_amenities_idx ON units USING gin (amenities);
CREATE INDEX units_attributes_idx ON units USING gin (attributes jsonb_path_ops);

CREATE TRIGGER units_set_updated_at
    BEFORE UPDATE ON units
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

-- ---------------------------------------------------------------------------------------------------
-- Channels
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE channels (
    id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    code         text        NOT NULL,
    name         text        NOT NULL,
    kind         text        NOT NULL,
    is_enabled   boolean     NOT NULL DEFAULT true,
    capabilities jsonb       NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT channels_code_key UNIQUE (code),
    CONSTRAINT channels_code_check CHECK (code ~ '^[a-z]+(_[a-z]+)*$'),
    CONSTRAINT channels_kind_check CHECK (kind IN ('direct', 'pms', 'ota')),
    CONSTRAINT channels_capabilities_check CHECK (jsonb_typeof(capabilities) = 'object')
);

COMMENT ON TABLE channels IS 'Lookup: where units are listed or managed. The same for all tenants, so no org_id.';
COMMENT ON COLUMN channels.kind IS 'direct: our own sales; pms: a property management system such as Hostaway; ota: a marketplace such as Airbnb.';
COMMENT ON COLUMN channels.is_enabled IS 'false keeps new connections from being made; existing ones go on.';
COMMENT ON COLUMN channels.capabilities IS 'What the connector can do, such as {"webhooks": true}.';

CREATE INDEX channels_capabilities_idx ON channels USING gin (capabilities jsonb_path_ops);

CREATE TRIGGER channels_set_updated_at
    BEFORE UPDATE ON channels
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

CREATE TABLE channel_connections (
    id                  uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id              uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id          uuid        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    channel_id          uuid        NOT NULL REFERENCES channels (id) ON DELETE RESTRICT,
    name                text        NOT NULL,
    external_account_id text        NOT NULL,
    credentials_ref     text,
    status              text        NOT NULL DEFAULT 'pending',
    settings            jsonb       NOT NULL DEFAULT '{}',
    connected_at        timestamptz,
    last_synced_at      timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT channel_connections_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT channel_connections_name_check CHECK (btrim(name) <> ''),
    CONSTRAINT channel_connections_status_check CHECK (status IN ('pending', 'active', 'error', 'disconnected')),
    CONSTRAINT channel_connections_active_check CHECK (status <> 'active' OR (credentials_ref IS NOT NULL AND connected_at IS NOT NULL)),
    CONSTRAINT channel_connections_settings_check CHECK (jsonb_typeof(settings) = 'object')
);

COMMENT ON TABLE channel_connections IS 'An account that a tenant has with a channel, and that the platform may use.';
COMMENT ON COLUMN channel_connections.account_id IS 'Who connected it.';
COMMENT ON COLUMN channel_connections.external_account_id IS 'Account number on the side of the channel.';
COMMENT ON COLUMN channel_connections.credentials_ref IS 'Name of the secret in the vault. The secret itself is never stored here.';
COMMENT ON COLUMN channel_connections.status IS 'error: the channel refuses the credentials; disconnected: ended, kept for its history.';
COMMENT ON COLUMN channel_connections.settings IS 'How this tenant wants this channel to be synced.';
COMMENT ON COLUMN channel_connections.last_synced_at IS 'End of the last successful run.';

-- Two tenants that import the same account would sell the same nights twice.
CREATE UNIQUE INDEX channel_connections_live_external_account_idx ON channel_connections (channel_id, external_account_id)
    WHERE status <> 'disconnected';
CREATE INDEX channel_connections_account_id_idx ON channel_connections (account_id);
CREATE INDEX channel_connections_channel_id_idx ON channel_connections (channel_id);
CREATE INDEX channel_connections_settings_idx ON channel_connections USING gin (settings jsonb_path_ops);

CREATE TRIGGER channel_connections_set_updated_at
    BEFORE UPDATE ON channel_connections
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

CREATE TABLE listings (
    id                  uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id              uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    unit_id             uuid        NOT NULL,
    connection_id       uuid        NOT NULL,
    external_listing_id text        NOT NULL,
    title               text        NOT NULL,
    public_url          text,
    status              text        NOT NULL DEFAULT 'active',
    payload             jsonb       NOT NULL DEFAULT '{}',
    payload_hash        text,
    external_updated_at timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT listings_org_id_unit_id_fkey FOREIGN KEY (org_id, unit_id)
        REFERENCES units (org_id, id) ON DELETE CASCADE,
    CONSTRAINT listings_org_id_connection_id_fkey FOREIGN KEY (org_id, connection_id)
        REFERENCES channel_connections (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT listings_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT listings_unit_id_key UNIQUE (unit_id),
    CONSTRAINT listings_connection_id_external_listing_id_key UNIQUE (connection_id, external_listing_id),
    CONSTRAINT listings_status_check CHECK (status IN ('active', 'paused', 'unlisted')),
    CONSTRAINT listings_public_url_check CHECK (public_url ~ '^https?://')
);

COMMENT ON TABLE listings IS 'A unit as one channel knows it. As long as Hostaway is the only channel, a unit has one listing.';
COMMENT ON COLUMN listings.connection_id IS 'Connections are disconnected, not deleted, while listings came through them.';
COMMENT ON COLUMN listings.external_listing_id IS 'Number of the listing on the side of the channel; with the connection it is what a sync finds the row by.';
COMMENT ON COLUMN listings.status IS 'paused: the channel shows it but takes no bookings; unlisted: gone from the channel.';
COMMENT ON COLUMN listings.payload IS 'The listing as the channel last sent it, unchanged.';
COMMENT ON COLUMN listings.payload_hash IS 'SHA-256 of the payload in hex. Equal means that there is nothing to sync.';
COMMENT ON COLUMN listings.external_updated_at IS 'When the channel says that it last changed.';

CREATE INDEX listings_org_id_unit_id_idx ON listings (org_id, unit_id);
CREATE INDEX listings_org_id_connection_id_idx ON listings (org_id, connection_id);
CREATE INDEX listings_payload_idx ON listings USING gin (payload jsonb_path_ops);

CREATE TRIGGER listings_set_updated_at
    BEFORE UPDATE ON listings
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

-- ---------------------------------------------------------------------------------------------------
-- Sync
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE sync_runs (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id          uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id      uuid        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    connection_id   uuid        NOT NULL,
    resource        text        NOT NULL,
    cause           text        NOT NULL DEFAULT 'schedule',
    status          text        NOT NULL DEFAULT 'queued',
    resume_token    text,
    records_seen    integer     NOT NULL DEFAULT 0,
    records_changed integer     NOT NULL DEFAULT 0,
    records_failed  integer     NOT NULL DEFAULT 0,
    error           text,
    details         jsonb       NOT NULL DEFAULT '{}',
    started_at      timestamptz,
    finished_at     timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT sync_runs_org_id_connection_id_fkey FOREIGN KEY (org_id, connection_id)
        REFERENCES channel_connections (org_id, id) ON DELETE CASCADE,
    CONSTRAINT sync_runs_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT sync_runs_resource_check CHECK (resource IN ('listings')),
    CONSTRAINT sync_runs_cause_check CHECK (cause IN ('schedule', 'manual', 'retry')),
    CONSTRAINT sync_runs_status_check CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT sync_runs_started_at_check CHECK (started_at IS NOT NULL OR status IN ('queued', 'cancelled')),
    CONSTRAINT sync_runs_finished_at_check CHECK ((finished_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'cancelled'))),
    CONSTRAINT sync_runs_duration_check CHECK (finished_at >= started_at),
    CONSTRAINT sync_runs_error_check CHECK (status <> 'failed' OR error IS NOT NULL),
    CONSTRAINT sync_runs_records_check CHECK (records_changed >= 0 AND records_failed >= 0 AND records_seen >= records_changed + records_failed)
);

COMMENT ON TABLE sync_runs IS 'One attempt to bring one kind of record from a channel into the platform.';
COMMENT ON COLUMN sync_runs.account_id IS 'Who asked for it; the sync service when a schedule did.';
COMMENT ON COLUMN sync_runs.resource IS 'What is synced.';
COMMENT ON COLUMN sync_runs.cause IS 'Why it was started; retry follows a failed run.';
COMMENT ON COLUMN sync_runs.resume_token IS 'Position in the pages of the channel, so that a broken run can go on.';
COMMENT ON COLUMN sync_runs.records_seen IS 'Changed, failed and unchanged ones.';
COMMENT ON COLUMN sync_runs.error IS 'What ended the run. Records that fail do not: their errors are in sync_records.';
COMMENT ON COLUMN sync_runs.details IS 'Numbers for diagnosis: pages, API calls, rate-limit waits.';

-- Two runs at the same time would overwrite each other.
CREATE UNIQUE INDEX sync_runs_one_running_idx ON sync_runs (connection_id, resource) WHERE status = 'running';
CREATE INDEX sync_runs_org_id_connection_id_created_at_idx ON sync_runs (org_id, connection_id, created_at);
CREATE INDEX sync_runs_account_id_idx ON sync_runs (account_id);
CREATE INDEX sync_runs_queued_idx ON sync_runs (created_at) WHERE status = 'queued';
CREATE INDEX sync_runs_details_idx ON sync_runs USING gin (details jsonb_path_ops);

CREATE TRIGGER sync_runs_set_updated_at
    BEFORE UPDATE ON sync_runs
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

CREATE TABLE sync_records (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id      uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    sync_run_id uuid        NOT NULL,
    entity_type text        NOT NULL,
    entity_id   uuid,
    external_id text        NOT NULL,
    outcome     text        NOT NULL,
    error       text,
    payload     jsonb       NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT sync_records_org_id_sync_run_id_fkey FOREIGN KEY (org_id, sync_run_id)
        REFERENCES sync_runs (org_id, id) ON DELETE CASCADE,
    CONSTRAINT sync_records_sync_run_id_entity_type_external_id_key UNIQUE (sync_run_id, entity_type, external_id),
    CONSTRAINT sync_records_entity_type_check CHECK (entity_type IN ('property', 'unit', 'listing')),
    CONSTRAINT sync_records_outcome_check CHECK (outcome IN ('created', 'updated', 'unchanged', 'failed')),
    CONSTRAINT sync_records_entity_id_check CHECK (outcome = 'failed' OR entity_id IS NOT NULL),
    CONSTRAINT sync_records_error_check CHECK ((outcome = 'failed') = (error IS NOT NULL))
);

COMMENT ON TABLE sync_records IS 'What a run did with each record that it saw: the answer to "why does my listing look like this?".';
COMMENT ON COLUMN sync_records.entity_type IS 'What the record is on our side.';
COMMENT ON COLUMN sync_records.entity_id IS 'Row of the table that entity_type names. No foreign key: the answer must outlive the row.';
COMMENT ON COLUMN sync_records.external_id IS 'Number of the record on the side of the channel.';
COMMENT ON COLUMN sync_records.payload IS 'What the channel sent; kept for changed and failed records only.';

CREATE INDEX sync_records_org_id_sync_run_id_idx ON sync_records (org_id, sync_run_id);
CREATE INDEX sync_records_org_id_entity_idx ON sync_records (org_id, entity_type, entity_id);
CREATE INDEX sync_records_payload_idx ON sync_records USING gin (payload jsonb_path_ops);

CREATE TRIGGER sync_records_set_updated_at
    BEFORE UPDATE ON sync_records
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

-- ---------------------------------------------------------------------------------------------------
-- Audit
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE audit_events (
    id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id      uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id  uuid        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    action      text        NOT NULL,
    entity_type text        NOT NULL,
    entity_id   uuid        NOT NULL,
    old_values  jsonb,
    new_values  jsonb,
    request_id  uuid,
    ip_address  inet,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT audit_events_action_check CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    CONSTRAINT audit_events_values_check CHECK (jsonb_typeof(old_values) = 'object' AND jsonb_typeof(new_values) = 'object'),
    CONSTRAINT audit_events_updated_at_check CHECK (updated_at = created_at)
);

COMMENT ON TABLE audit_events IS 'Who did what to which row. Append-only.';
COMMENT ON COLUMN audit_events.account_id IS 'Who did it.';
COMMENT ON COLUMN audit_events.action IS 'entity.verb, such as unit.archive.';
COMMENT ON COLUMN audit_events.entity_type IS 'Name of the table.';
COMMENT ON COLUMN audit_events.entity_id IS 'Row of that table. No foreign key: the event must outlive the row.';
COMMENT ON COLUMN audit_events.old_values IS 'The changed columns before; null when the row was created.';
COMMENT ON COLUMN audit_events.new_values IS 'The changed columns after; null when the row was deleted.';
COMMENT ON COLUMN audit_events.request_id IS 'Ties together the events of one request.';
COMMENT ON COLUMN audit_events.updated_at IS 'Always created_at: events do not change.';

CREATE INDEX audit_events_org_id_created_at_idx ON audit_events (org_id, created_at);
CREATE INDEX audit_events_org_id_entity_idx ON audit_events (org_id, entity_type, entity_id);
CREATE INDEX audit_events_account_id_idx ON audit_events (account_id);
CREATE INDEX audit_events_old_values_idx ON audit_events USING gin (old_values jsonb_path_ops);
CREATE INDEX audit_events_new_values_idx ON audit_events USING gin (new_values jsonb_path_ops);

CREATE TRIGGER audit_events_reject_change
    BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW
    EXECUTE FUNCTION reject_change();

CREATE TRIGGER audit_events_reject_truncate
    BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT
    EXECUTE FUNCTION reject_change();
