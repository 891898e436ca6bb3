-- migrations/mvp.2/005_multi_channel.sql
-- Purpose: Connectors for Airbnb and VRBO: one unit on several channels at once.
-- References: specifications/domains/03-channels/, specifications/domains/04-sync/

-- A connector has what is common in channel_connections and listings, and what only one channel knows in tables
-- of its own. That a row of airbnb_connections extends a connection to Airbnb and nothing else is a foreign key:
-- channel_id, held to Airbnb's fixed id by a CHECK, is part of it. The listings follow from their connection.

-- ---------------------------------------------------------------------------------------------------
-- Lookup values
-- ---------------------------------------------------------------------------------------------------

INSERT INTO channels (id, code, name, kind, capabilities) VALUES
    ('00000000-0000-4000-8000-000000003003', 'airbnb', 'Airbnb', 'ota', '{"pull": ["listings", "calendar", "bookings"], "push": ["availability", "stay_rules", "price", "content"], "webhooks": true}'),
    ('00000000-0000-4000-8000-000000003004', 'vrbo',   'VRBO',   'ota', '{"pull": ["bookings"], "push": ["availability", "stay_rules", "price", "content"], "webhooks": false}')
ON CONFLICT (id) DO UPDATE
    SET code = excluded.code,
        name = excluded.name,
        kind = excluded.kind,
        capabilities = excluded.capabilities;

-- ---------------------------------------------------------------------------------------------------
-- One unit, many listings
-- ---------------------------------------------------------------------------------------------------

ALTER TABLE channel_connections
    ADD CONSTRAINT channel_connections_org_id_id_channel_id_key UNIQUE (org_id, id, channel_id);

-- Every listing so far is the only one of its unit, and so its primary one.
ALTER TABLE listings
    DROP CONSTRAINT listings_unit_id_key,
    ADD COLUMN is_primary boolean NOT NULL DEFAULT true,
    ADD COLUMN price_adjustment_percent numeric(5,2) NOT NULL DEFAULT 0,
    ADD CONSTRAINT listings_org_id_id_connection_id_key UNIQUE (org_id, id, connection_id),
    ADD CONSTRAINT listings_unit_id_connection_id_key UNIQUE (unit_id, connection_id),
    ADD CONSTRAINT listings_price_adjustment_percent_check CHECK (price_adjustment_percent BETWEEN -50 AND 100);

-- From now on whoever adds a listing says so.
ALTER TABLE listings
    ALTER COLUMN is_primary SET DEFAULT false;

CREATE UNIQUE INDEX listings_unit_id_primary_idx ON listings (unit_id) WHERE is_primary;

COMMENT ON TABLE listings IS 'A unit as one channel knows it. A unit may be on several channels, once on each connection.';
COMMENT ON COLUMN listings.is_primary IS 'The listing that content is read from; the others are written to. At most one for a unit.';
COMMENT ON COLUMN listings.price_adjustment_percent IS 'Added to our price on this channel, to make up for its commission. Negative is a discount.';

-- ---------------------------------------------------------------------------------------------------
-- Airbnb
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE airbnb_connections (
    id               uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id           uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    connection_id    uuid        NOT NULL,
    channel_id       uuid        NOT NULL DEFAULT '00000000-0000-4000-8000-000000003003',
    host_user_id     text        NOT NULL,
    scopes           text[]      NOT NULL DEFAULT '{}',
    token_expires_at timestamptz,
    is_superhost     boolean     NOT NULL DEFAULT false,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT airbnb_connections_org_id_connection_id_channel_id_fkey FOREIGN KEY (org_id, connection_id, channel_id)
        REFERENCES channel_connections (org_id, id, channel_id) ON DELETE CASCADE,
    CONSTRAINT airbnb_connections_org_id_connection_id_key UNIQUE (org_id, connection_id),
    CONSTRAINT airbnb_connections_channel_id_check CHECK (channel_id = '00000000-0000-4000-8000-000000003003')
);

COMMENT ON TABLE airbnb_connections IS 'What a connection to Airbnb has besides what all connections have.';
COMMENT ON COLUMN airbnb_connections.channel_id IS 'Always Airbnb; see the head of migration 005.';
COMMENT ON COLUMN airbnb_connections.host_user_id IS 'The host on Airbnb that granted access.';
COMMENT ON COLUMN airbnb_connections.scopes IS 'What the host granted, in OAuth''s words.';
COMMENT ON COLUMN airbnb_connections.token_expires_at IS 'When the access token must be renewed. The tokens are in the vault.';

CREATE INDEX airbnb_connections_org_id_connection_id_channel_id_idx ON airbnb_connections (org_id, connection_id, channel_id);
CREATE INDEX airbnb_connections_token_expires_at_idx ON airbnb_connections (token_expires_at);

CREATE TRIGGER airbnb_connections_set_updated_at
    BEFORE UPDATE ON airbnb_connections
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE airbnb_connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE airbnb_connections FORCE ROW LEVEL SECURITY;

CREATE POLICY airbnb_connections_tenant_isolation ON airbnb_connections
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE airbnb_listings (
    id                  uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id              uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    listing_id          uuid        NOT NULL,
    connection_id       uuid        NOT NULL,
    room_type           text        NOT NULL DEFAULT 'entire_home',
    cancellation_policy text        NOT NULL DEFAULT 'moderate',
    instant_book        boolean     NOT NULL DEFAULT true,
    sync_scope          text        NOT NULL DEFAULT 'rates_and_availability',
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT airbnb_listings_org_id_listing_id_connection_id_fkey FOREIGN KEY (org_id, listing_id, connection_id)
        REFERENCES listings (org_id, id, connection_id) ON DELETE CASCADE,
    CONSTRAINT airbnb_listings_org_id_connection_id_fkey FOREIGN KEY (org_id, connection_id)
        REFERENCES airbnb_connections (org_id, connection_id) ON DELETE CASCADE,
    CONSTRAINT airbnb_listings_listing_id_key UNIQUE (listing_id),
    CONSTRAINT airbnb_listings_room_type_check CHECK (room_type IN ('entire_home', 'private_room', 'shared_room')),
    CONSTRAINT airbnb_listings_cancellation_policy_check CHECK (cancellation_policy IN ('flexible', 'moderate', 'firm', 'strict', 'non_refundable')),
    CONSTRAINT airbnb_listings_sync_scope_check CHECK (sync_scope IN ('everything', 'rates_and_availability', 'nothing'))
);

COMMENT ON TABLE airbnb_listings IS 'What a listing on Airbnb has besides what all listings have.';
COMMENT ON COLUMN airbnb_listings.room_type IS 'Airbnbs words, as are the cancellation policies.';
COMMENT ON COLUMN airbnb_listings.instant_book IS 'Guests book without asking first.';
COMMENT ON COLUMN airbnb_listings.sync_scope IS 'What Airbnb lets us write; the host chooses it there.';

CREATE INDEX airbnb_listings_org_id_listing_id_connection_id_idx ON airbnb_listings (org_id, listing_id, connection_id);
CREATE INDEX airbnb_listings_org_id_connection_id_idx ON airbnb_listings (org_id, connection_id);

CREATE TRIGGER airbnb_listings_set_updated_at
    BEFORE UPDATE ON airbnb_listings
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE airbnb_listings ENABLE ROW LEVEL SECURITY;
ALTER TABLE airbnb_listings FORCE ROW LEVEL SECURITY;

CREATE POLICY airbnb_listings_tenant_isolation ON airbnb_listings
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- VRBO
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE vrbo_connections (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id          uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    connection_id   uuid        NOT NULL,
    channel_id      uuid        NOT NULL DEFAULT '00000000-0000-4000-8000-000000003004',
    advertiser_id   text        NOT NULL,
    feed_token_hash text        NOT NULL,
    feed_fetched_at timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT vrbo_connections_org_id_connection_id_channel_id_fkey FOREIGN KEY (org_id, connection_id, channel_id)
        REFERENCES channel_connections (org_id, id, channel_id) ON DELETE CASCADE,
    CONSTRAINT vrbo_connections_org_id_connection_id_key UNIQUE (org_id, connection_id),
    CONSTRAINT vrbo_connections_feed_token_hash_key UNIQUE (feed_token_hash),
    CONSTRAINT vrbo_connections_channel_id_check CHECK (channel_id = '00000000-0000-4000-8000-000000003004'),
    CONSTRAINT vrbo_connections_feed_token_hash_check CHECK (feed_token_hash ~ '^[0-9a-f]{64}$')
);

COMMENT ON TABLE vrbo_connections IS 'What a connection to VRBO has besides what all connections have. VRBO fetches feeds from us instead of being written to.';
COMMENT ON COLUMN vrbo_connections.channel_id IS 'Always VRBO; see the head of migration 005.';
COMMENT ON COLUMN vrbo_connections.advertiser_id IS 'The tenant on the side of VRBO.';
COMMENT ON COLUMN vrbo_connections.feed_token_hash IS 'SHA-256 in hex of the token in the feed''s URL, by which a fetch finds its tenant.';
COMMENT ON COLUMN vrbo_connections.feed_fetched_at IS 'When VRBO last fetched; long ago is an alarm.';

CREATE INDEX vrbo_connections_org_id_connection_id_channel_id_idx ON vrbo_connections (org_id, connection_id, channel_id);

CREATE TRIGGER vrbo_connections_set_updated_at
    BEFORE UPDATE ON vrbo_connections
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE vrbo_connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE vrbo_connections FORCE ROW LEVEL SECURITY;

CREATE POLICY vrbo_connections_tenant_isolation ON vrbo_connections
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE vrbo_listings (
    id                  uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id              uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    listing_id          uuid        NOT NULL,
    connection_id       uuid        NOT NULL,
    unit_number         text        NOT NULL,
    booking_mode        text        NOT NULL DEFAULT 'instant',
    cancellation_policy text        NOT NULL DEFAULT 'moderate',
    published_at        timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT vrbo_listings_org_id_listing_id_connection_id_fkey FOREIGN KEY (org_id, listing_id, connection_id)
        REFERENCES listings (org_id, id, connection_id) ON DELETE CASCADE,
    CONSTRAINT vrbo_listings_org_id_connection_id_fkey FOREIGN KEY (org_id, connection_id)
        REFERENCES vrbo_connections (org_id, connection_id) ON DELETE CASCADE,
    CONSTRAINT vrbo_listings_listing_id_key UNIQUE (listing_id),
    CONSTRAINT vrbo_listings_booking_mode_check CHECK (booking_mode IN ('instant', 'request_24h')),
    CONSTRAINT vrbo_listings_cancellation_policy_check CHECK (cancellation_policy IN ('relaxed', 'moderate', 'firm', 'strict', 'no_refund'))
);

COMMENT ON TABLE vrbo_listings IS 'What a listing on VRBO has besides what all listings have.';
COMMENT ON COLUMN vrbo_listings.unit_number IS 'VRBO numbers the units of a listing; bookings name both.';
COMMENT ON COLUMN vrbo_listings.booking_mode IS 'request_24h: the host has a day to accept.';
COMMENT ON COLUMN vrbo_listings.cancellation_policy IS 'VRBOs words.';
COMMENT ON COLUMN vrbo_listings.published_at IS 'Null until VRBO has approved the content.';

CREATE INDEX vrbo_listings_org_id_listing_id_connection_id_idx ON vrbo_listings (org_id, listing_id, connection_id);
CREATE INDEX vrbo_listings_org_id_connection_id_idx ON vrbo_listings (org_id, connection_id);

CREATE TRIGGER vrbo_listings_set_updated_at
    BEFORE UPDATE ON vrbo_listings
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE vrbo_listings ENABLE ROW LEVEL SECURITY;
ALTER TABLE vrbo_listings FORCE ROW LEVEL SECURITY;

CREATE POLICY vrbo_listings_tenant_isolation ON vrbo_listings
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Conflicts: what cannot happen with one channel
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE sync_conflicts (
    id                     uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id                 uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    unit_id                uuid        NOT NULL,
    listing_id             uuid,
    booking_id             uuid,
    kind                   text        NOT NULL,
    details                jsonb       NOT NULL DEFAULT '{}',
    status                 text        NOT NULL DEFAULT 'open',
    resolution             text,
    resolved_by_account_id uuid        REFERENCES accounts (id) ON DELETE RESTRICT,
    resolved_at            timestamptz,
    created_at             timestamptz NOT NULL DEFAULT now(),
    updated_at             timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT sync_conflicts_org_id_unit_id_fkey FOREIGN KEY (org_id, unit_id)
        REFERENCES units (org_id, id) ON DELETE CASCADE,
    CONSTRAINT sync_conflicts_org_id_listing_id_fkey FOREIGN KEY (org_id, listing_id)
        REFERENCES listings (org_id, id) ON DELETE CASCADE,
    CONSTRAINT sync_conflicts_org_id_booking_id_fkey FOREIGN KEY (org_id, booking_id)
        REFERENCES bookings (org_id, id) ON DELETE CASCADE,
    CONSTRAINT sync_conflicts_kind_check CHECK (kind IN ('overbooking', 'calendar', 'price', 'content')),
    CONSTRAINT sync_conflicts_overbooking_check CHECK (kind <> 'overbooking' OR booking_id IS NOT NULL),
    CONSTRAINT sync_conflicts_status_check CHECK (status IN ('open', 'resolved', 'dismissed')),
    CONSTRAINT sync_conflicts_resolved_at_check CHECK ((status = 'open') = (resolved_at IS NULL)),
    CONSTRAINT sync_conflicts_resolved_by_check CHECK ((status = 'open') = (resolved_by_account_id IS NULL)),
    CONSTRAINT sync_conflicts_details_check CHECK (jsonb_typeof(details) = 'object')
);

COMMENT ON TABLE sync_conflicts IS 'Two channels, or a channel and the platform, do not agree about a unit.';
COMMENT ON COLUMN sync_conflicts.listing_id IS 'The listing that differs.';
COMMENT ON COLUMN sync_conflicts.booking_id IS 'The booking that found no room, when kind is overbooking.';
COMMENT ON COLUMN sync_conflicts.kind IS 'What they do not agree about.';
COMMENT ON COLUMN sync_conflicts.details IS 'Both sides of the difference.';
COMMENT ON COLUMN sync_conflicts.resolution IS 'What was done about it, in words.';
COMMENT ON COLUMN sync_conflicts.resolved_by_account_id IS 'Null while open: nobody owns a conflict before it is resolved.';

-- The same overbooking is reported by every run until it is resolved.
CREATE UNIQUE INDEX sync_conflicts_open_booking_id_idx ON sync_conflicts (booking_id) WHERE status = 'open';
CREATE INDEX sync_conflicts_org_id_open_idx ON sync_conflicts (org_id, created_at) WHERE status = 'open';
CREATE INDEX sync_conflicts_org_id_unit_id_idx ON sync_conflicts (org_id, unit_id);
CREATE INDEX sync_conflicts_org_id_listing_id_idx ON sync_conflicts (org_id, listing_id);
CREATE INDEX sync_conflicts_org_id_booking_id_idx ON sync_conflicts (org_id, booking_id);
CREATE INDEX sync_conflicts_resolved_by_account_id_idx ON sync_conflicts (resolved_by_account_id);
CREATE INDEX sync_conflicts_details_idx ON sync_conflicts USING gin (details jsonb_path_ops);

CREATE TRIGGER sync_conflicts_set_updated_at
    BEFORE UPDATE ON sync_conflicts
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE sync_conflicts ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_conflicts FORCE ROW LEVEL SECURITY;

CREATE POLICY sync_conflicts_tenant_isolation ON sync_conflicts
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Views
-- ---------------------------------------------------------------------------------------------------

-- A view reads with the rights of its owner, who may have BYPASSRLS: it filters the tenant itself.
CREATE VIEW channel_connection_health WITH (security_barrier = true) AS
SELECT
    c.org_id,
    c.id AS connection_id,
    ch.code AS channel,
    c.status,
    c.sync_direction,
    c.last_synced_at,
    (
        SELECT count(*)
        FROM listings l
        WHERE l.org_id = c.org_id
            AND l.connection_id = c.id
            AND l.status = 'active'
    ) AS active_listings,
    (
        SELECT count(*)
        FROM listings l
            JOIN sync_outbox o ON o.org_id = l.org_id AND o.listing_id = l.id
        WHERE l.org_id = c.org_id
            AND l.connection_id = c.id
            AND o.status IN ('pending', 'sending')
    ) AS undelivered_changes,
    (
        SELECT count(*)
        FROM listings l
            JOIN sync_conflicts x ON x.org_id = l.org_id AND x.listing_id = l.id
        WHERE l.org_id = c.org_id
            AND l.connection_id = c.id
            AND x.status = 'open'
    ) AS open_conflicts
FROM channel_connections c
    JOIN channels ch ON ch.id = c.channel_id
WHERE c.org_id = current_setting('app.current_org_id')::uuid
    AND c.status <> 'disconnected';

COMMENT ON VIEW channel_connection_health IS 'How the connections of the current tenant are doing: what the channels screen shows.';
