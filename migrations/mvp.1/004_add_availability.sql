-- migrations/mvp.1/004_add_availability.sql
-- Purpose: Availability and booking tables, and what a two-way sync needs: an outbox, webhooks, push settings.
-- References: specifications/domains/04-sync/, specifications/domains/06-availability/, specifications/domains/07-bookings/

-- Two ways to write a range of days, and they are not the same:
--   * a stay is [check_in, check_out): the guest does not sleep there on the day of check_out;
--   * a block is [start_date, end_date]: both are nights on which the unit is not available.
-- So the stay from the 1st to the 4th is the block from the 1st to the 3rd, and the next guest may arrive on the 4th.

-- uuid columns in exclusion constraints.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- ---------------------------------------------------------------------------------------------------
-- Bookings
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE bookings (
    id                  uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id              uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id          uuid          NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    unit_id             uuid          NOT NULL,
    listing_id          uuid,
    channel_id          uuid          NOT NULL REFERENCES channels (id) ON DELETE RESTRICT,
    external_booking_id text,
    status              text          NOT NULL DEFAULT 'pending',
    check_in            date          NOT NULL,
    check_out           date          NOT NULL,
    adults              smallint      NOT NULL DEFAULT 1,
    children            smallint      NOT NULL DEFAULT 0,
    infants             smallint      NOT NULL DEFAULT 0,
    guest_name          text,
    guest_email         text,
    guest_phone         text,
    total_amount        numeric(14,2),
    currency            char(3),
    payload             jsonb         NOT NULL DEFAULT '{}',
    booked_at           timestamptz   NOT NULL DEFAULT now(),
    cancelled_at        timestamptz,
    created_at          timestamptz   NOT NULL DEFAULT now(),
    updated_at          timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT bookings_org_id_unit_id_fkey FOREIGN KEY (org_id, unit_id)
        REFERENCES units (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT bookings_org_id_listing_id_fkey FOREIGN KEY (org_id, listing_id)
        REFERENCES listings (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT bookings_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT bookings_org_id_channel_id_external_booking_id_key UNIQUE (org_id, channel_id, external_booking_id),
    CONSTRAINT bookings_status_check CHECK (status IN ('pending', 'confirmed', 'checked_in', 'checked_out', 'cancelled', 'no_show', 'overbooked')),
    CONSTRAINT bookings_stay_check CHECK (check_out > check_in),
    CONSTRAINT bookings_guests_check CHECK (adults >= 1 AND children >= 0 AND infants >= 0),
    CONSTRAINT bookings_total_amount_check CHECK (total_amount >= 0),
    CONSTRAINT bookings_total_currency_check CHECK (total_amount IS NULL OR currency IS NOT NULL),
    CONSTRAINT bookings_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT bookings_cancelled_at_check CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)),
    CONSTRAINT bookings_unit_id_stay_excl EXCLUDE USING gist (unit_id WITH =, daterange(check_in, check_out, '[)') WITH &&)
        WHERE (status IN ('confirmed', 'checked_in', 'checked_out'))
);

COMMENT ON TABLE bookings IS 'A stay that somebody sold, on whatever channel. For now the platform only knows of bookings, it does not make them.';
COMMENT ON COLUMN bookings.account_id IS 'Who entered it; the sync service when it came from a channel.';
COMMENT ON COLUMN bookings.unit_id IS 'A unit with bookings is archived, not deleted.';
COMMENT ON COLUMN bookings.listing_id IS 'What the guest booked; null when the booking did not come through a listing.';
COMMENT ON COLUMN bookings.channel_id IS 'Where it was sold. Hostaway tells of bookings that it got from elsewhere: those are Hostaway''s here.';
COMMENT ON COLUMN bookings.external_booking_id IS 'Number on the side of the channel, by which a repeated import finds the row.';
COMMENT ON COLUMN bookings.status IS 'confirmed, checked_in and checked_out hold their nights. overbooked: a channel sold nights that were taken; a person must decide.';
COMMENT ON COLUMN bookings.check_in IS 'Day of arrival, in the time zone of the property.';
COMMENT ON COLUMN bookings.check_out IS 'Day of departure; the night before is the last one.';
COMMENT ON COLUMN bookings.infants IS 'Do not count against the unit''s max_guests.';
COMMENT ON COLUMN bookings.guest_name IS 'As the channel tells it; channels may hide name, email or phone.';
COMMENT ON COLUMN bookings.total_amount IS 'What the guest pays, as the channel tells it; null when it does not.';
COMMENT ON COLUMN bookings.currency IS 'ISO 4217 code of total_amount.';
COMMENT ON COLUMN bookings.payload IS 'The booking as the channel last sent it, unchanged.';
COMMENT ON COLUMN bookings.booked_at IS 'When the guest booked, which for an import is before created_at.';
COMMENT ON CONSTRAINT bookings_unit_id_stay_excl ON bookings IS 'No night is sold twice. Arrival on the day of another departure is fine.';

CREATE INDEX bookings_org_id_unit_id_check_in_idx ON bookings (org_id, unit_id, check_in);
CREATE INDEX bookings_org_id_listing_id_idx ON bookings (org_id, listing_id);
CREATE INDEX bookings_org_id_check_in_idx ON bookings (org_id, check_in) WHERE status IN ('confirmed', 'checked_in');
CREATE INDEX bookings_org_id_overbooked_idx ON bookings (org_id, check_in) WHERE status = 'overbooked';
CREATE INDEX bookings_account_id_idx ON bookings (account_id);
CREATE INDEX bookings_channel_id_idx ON bookings (channel_id);
CREATE INDEX bookings_payload_idx ON bookings USING gin (payload jsonb_path_ops);

CREATE TRIGGER bookings_set_updated_at
    BEFORE UPDATE ON bookings
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
ALTER TABLE bookings FORCE ROW LEVEL SECURITY;

CREATE POLICY bookings_tenant_isolation ON bookings
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Availability
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE availability_blocks (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id     uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id uuid        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    unit_id    uuid        NOT NULL,
    booking_id uuid,
    start_date date        NOT NULL,
    end_date   date        NOT NULL,
    reason     text        NOT NULL,
    note       text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT availability_blocks_org_id_unit_id_fkey FOREIGN KEY (org_id, unit_id)
        REFERENCES units (org_id, id) ON DELETE CASCADE,
    CONSTRAINT availability_blocks_org_id_booking_id_fkey FOREIGN KEY (org_id, booking_id)
        REFERENCES bookings (org_id, id) ON DELETE CASCADE,
    CONSTRAINT availability_blocks_booking_id_key UNIQUE (booking_id),
    CONSTRAINT availability_blocks_dates_check CHECK (end_date >= start_date),
    CONSTRAINT availability_blocks_reason_check CHECK (reason IN ('booking', 'owner_stay', 'maintenance', 'channel', 'other')),
    CONSTRAINT availability_blocks_reason_booking_id_check CHECK ((reason = 'booking') = (booking_id IS NOT NULL)),
    CONSTRAINT availability_blocks_unit_id_dates_excl EXCLUDE USING gist (unit_id WITH =, daterange(start_date, end_date, '[]') WITH &&)
);

COMMENT ON TABLE availability_blocks IS 'Nights on which a unit cannot be booked, for whatever reason. A night without a block is free: a block that ends early is shortened or deleted.';
COMMENT ON COLUMN availability_blocks.account_id IS 'Who blocked the nights.';
COMMENT ON COLUMN availability_blocks.booking_id IS 'The stay that takes the nights. Such a block follows its booking and is not edited by hand.';
COMMENT ON COLUMN availability_blocks.start_date IS 'First blocked night.';
COMMENT ON COLUMN availability_blocks.end_date IS 'Last blocked night, included.';
COMMENT ON COLUMN availability_blocks.reason IS 'channel: the channel blocks the nights and does not say why.';
COMMENT ON CONSTRAINT availability_blocks_unit_id_dates_excl ON availability_blocks IS 'A night is blocked once. This is what keeps stays, owners and repairs apart.';

CREATE INDEX availability_blocks_org_id_unit_id_start_date_idx ON availability_blocks (org_id, unit_id, start_date);
CREATE INDEX availability_blocks_org_id_booking_id_idx ON availability_blocks (org_id, booking_id);
CREATE INDEX availability_blocks_account_id_idx ON availability_blocks (account_id);

CREATE TRIGGER availability_blocks_set_updated_at
    BEFORE UPDATE ON availability_blocks
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE availability_blocks ENABLE ROW LEVEL SECURITY;
ALTER TABLE availability_blocks FORCE ROW LEVEL SECURITY;

CREATE POLICY availability_blocks_tenant_isolation ON availability_blocks
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE FUNCTION sync_booking_block() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $$
BEGIN
    IF NEW.status IN ('confirmed', 'checked_in', 'checked_out') THEN
        INSERT INTO public.availability_blocks (org_id, account_id, unit_id, booking_id, start_date, end_date, reason)
        VALUES (NEW.org_id, NEW.account_id, NEW.unit_id, NEW.id, NEW.check_in, NEW.check_out - 1, 'booking')
        ON CONFLICT (booking_id) DO UPDATE
            SET unit_id = excluded.unit_id,
                start_date = excluded.start_date,
                end_date = excluded.end_date;
    ELSE
        DELETE FROM public.availability_blocks b WHERE b.booking_id = NEW.id;
    END IF;

    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION sync_booking_block() IS 'A booking that holds its nights has exactly one block, in the same transaction; any other has none.';

CREATE TRIGGER bookings_sync_block
    AFTER INSERT OR UPDATE OF unit_id, status, check_in, check_out ON bookings
    FOR EACH ROW
    EXECUTE FUNCTION sync_booking_block();

CREATE TABLE stay_rules (
    id                  uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id              uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id          uuid        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    unit_id             uuid        NOT NULL,
    start_date          date        NOT NULL,
    end_date            date        NOT NULL,
    min_nights          smallint    NOT NULL DEFAULT 1,
    max_nights          smallint,
    closed_to_arrival   boolean     NOT NULL DEFAULT false,
    closed_to_departure boolean     NOT NULL DEFAULT false,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT stay_rules_org_id_unit_id_fkey FOREIGN KEY (org_id, unit_id)
        REFERENCES units (org_id, id) ON DELETE CASCADE,
    CONSTRAINT stay_rules_dates_check CHECK (end_date >= start_date),
    CONSTRAINT stay_rules_nights_check CHECK (min_nights >= 1 AND max_nights >= min_nights),
    CONSTRAINT stay_rules_unit_id_dates_excl EXCLUDE USING gist (unit_id WITH =, daterange(start_date, end_date, '[]') WITH &&)
);

COMMENT ON TABLE stay_rules IS 'How stays must be shaped on given days of the calendar. A day without a rule takes any stay.';
COMMENT ON COLUMN stay_rules.account_id IS 'Who set the rule.';
COMMENT ON COLUMN stay_rules.start_date IS 'First day of arrival (or departure) that the rule is about.';
COMMENT ON COLUMN stay_rules.end_date IS 'Last such day, included.';
COMMENT ON COLUMN stay_rules.min_nights IS 'For stays that begin on such a day, as is max_nights.';
COMMENT ON COLUMN stay_rules.max_nights IS 'Null is no limit.';
COMMENT ON COLUMN stay_rules.closed_to_arrival IS 'No stay may begin on such a day.';
COMMENT ON COLUMN stay_rules.closed_to_departure IS 'No stay may end on such a day.';

CREATE INDEX stay_rules_org_id_unit_id_idx ON stay_rules (org_id, unit_id);
CREATE INDEX stay_rules_account_id_idx ON stay_rules (account_id);

CREATE TRIGGER stay_rules_set_updated_at
    BEFORE UPDATE ON stay_rules
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE stay_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE stay_rules FORCE ROW LEVEL SECURITY;

CREATE POLICY stay_rules_tenant_isolation ON stay_rules
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Two-way sync
-- ---------------------------------------------------------------------------------------------------

-- Whatever is connected today stays as it is until somebody allows it to be written to.
ALTER TABLE channel_connections
    ADD COLUMN sync_direction text NOT NULL DEFAULT 'inbound',
    ADD CONSTRAINT channel_connections_sync_direction_check CHECK (sync_direction IN ('inbound', 'two_way'));

COMMENT ON COLUMN channel_connections.sync_direction IS 'inbound: the platform only reads; two_way: it also writes to the channel.';

ALTER TABLE listings
    ADD COLUMN last_pushed_at timestamptz;

COMMENT ON COLUMN listings.last_pushed_at IS 'When the channel last accepted a change of ours.';

ALTER TABLE sync_runs
    DROP CONSTRAINT sync_runs_resource_check,
    ADD CONSTRAINT sync_runs_resource_check CHECK (resource IN ('listings', 'calendar', 'bookings')),
    DROP CONSTRAINT sync_runs_cause_check,
    ADD CONSTRAINT sync_runs_cause_check CHECK (cause IN ('schedule', 'manual', 'retry', 'webhook'));

ALTER TABLE sync_records
    DROP CONSTRAINT sync_records_entity_type_check,
    ADD CONSTRAINT sync_records_entity_type_check CHECK (entity_type IN ('property', 'unit', 'listing', 'booking', 'availability_block'));

CREATE TABLE sync_outbox (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id          uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id      uuid        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    listing_id      uuid        NOT NULL,
    kind            text        NOT NULL,
    idempotency_key text        NOT NULL,
    payload         jsonb       NOT NULL,
    status          text        NOT NULL DEFAULT 'pending',
    attempts        smallint    NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    delivered_at    timestamptz,
    last_error      text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT sync_outbox_org_id_listing_id_fkey FOREIGN KEY (org_id, listing_id)
        REFERENCES listings (org_id, id) ON DELETE CASCADE,
    CONSTRAINT sync_outbox_org_id_idempotency_key_key UNIQUE (org_id, idempotency_key),
    CONSTRAINT sync_outbox_kind_check CHECK (kind IN ('availability', 'stay_rules', 'price', 'content')),
    CONSTRAINT sync_outbox_status_check CHECK (status IN ('pending', 'sending', 'delivered', 'failed', 'superseded')),
    CONSTRAINT sync_outbox_attempts_check CHECK (attempts >= 0),
    CONSTRAINT sync_outbox_delivered_at_check CHECK ((status = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT sync_outbox_last_error_check CHECK (status <> 'failed' OR last_error IS NOT NULL)
);

COMMENT ON TABLE sync_outbox IS 'Changes that a channel is still to be told, written in the transaction that makes the change.';
COMMENT ON COLUMN sync_outbox.account_id IS 'Who made the change.';
COMMENT ON COLUMN sync_outbox.listing_id IS 'Where the change goes; the listing knows its connection.';
COMMENT ON COLUMN sync_outbox.kind IS 'What changed.';
COMMENT ON COLUMN sync_outbox.idempotency_key IS 'Sent along, so that a repeated delivery is one change.';
COMMENT ON COLUMN sync_outbox.payload IS 'The request to the channel, ready to be sent.';
COMMENT ON COLUMN sync_outbox.status IS 'failed: given up; superseded: a later change says it all.';
COMMENT ON COLUMN sync_outbox.next_attempt_at IS 'Not before this moment; moves on with every failure.';

CREATE INDEX sync_outbox_org_id_listing_id_idx ON sync_outbox (org_id, listing_id);
CREATE INDEX sync_outbox_due_idx ON sync_outbox (next_attempt_at) WHERE status = 'pending';
CREATE INDEX sync_outbox_account_id_idx ON sync_outbox (account_id);
CREATE INDEX sync_outbox_payload_idx ON sync_outbox USING gin (payload jsonb_path_ops);

CREATE TRIGGER sync_outbox_set_updated_at
    BEFORE UPDATE ON sync_outbox
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE sync_outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE sync_outbox FORCE ROW LEVEL SECURITY;

CREATE POLICY sync_outbox_tenant_isolation ON sync_outbox
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE webhook_events (
    id                uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id            uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    connection_id     uuid        NOT NULL,
    external_event_id text        NOT NULL,
    event_type        text        NOT NULL,
    payload           jsonb       NOT NULL,
    status            text        NOT NULL DEFAULT 'received',
    received_at       timestamptz NOT NULL DEFAULT now(),
    processed_at      timestamptz,
    error             text,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT webhook_events_org_id_connection_id_fkey FOREIGN KEY (org_id, connection_id)
        REFERENCES channel_connections (org_id, id) ON DELETE CASCADE,
    CONSTRAINT webhook_events_connection_id_external_event_id_key UNIQUE (connection_id, external_event_id),
    CONSTRAINT webhook_events_status_check CHECK (status IN ('received', 'processed', 'ignored', 'failed')),
    CONSTRAINT webhook_events_processed_at_check CHECK ((status = 'received') = (processed_at IS NULL)),
    CONSTRAINT webhook_events_error_check CHECK ((status = 'failed') = (error IS NOT NULL))
);

COMMENT ON TABLE webhook_events IS 'What channels told us on their own account. Stored first, processed later.';
COMMENT ON COLUMN webhook_events.external_event_id IS 'The channel''s id of the event, or a hash of the body where it has none. Channels send events more than once; the second insert is a conflict.';
COMMENT ON COLUMN webhook_events.event_type IS 'As the channel calls it, such as reservation.created.';
COMMENT ON COLUMN webhook_events.payload IS 'The body, unchanged.';
COMMENT ON COLUMN webhook_events.status IS 'ignored: understood, and nothing to do.';

CREATE INDEX webhook_events_org_id_connection_id_idx ON webhook_events (org_id, connection_id);
CREATE INDEX webhook_events_received_idx ON webhook_events (received_at) WHERE status = 'received';
CREATE INDEX webhook_events_payload_idx ON webhook_events USING gin (payload jsonb_path_ops);

CREATE TRIGGER webhook_events_set_updated_at
    BEFORE UPDATE ON webhook_events
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE webhook_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_events FORCE ROW LEVEL SECURITY;

CREATE POLICY webhook_events_tenant_isolation ON webhook_events
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Views
-- ---------------------------------------------------------------------------------------------------

-- A view reads with the rights of its owner, who may have BYPASSRLS: it filters the tenant itself.
CREATE VIEW unit_calendar WITH (security_barrier = true) AS
SELECT
    b.org_id,
    b.unit_id,
    b.start_date,
    b.end_date,
    b.end_date - b.start_date + 1 AS nights,
    b.reason,
    b.booking_id,
    k.status AS booking_status,
    k.guest_name
FROM availability_blocks b
    LEFT JOIN bookings k ON k.org_id = b.org_id AND k.id = b.booking_id
WHERE b.org_id = current_setting('app.current_org_id')::uuid;

COMMENT ON VIEW unit_calendar IS 'The blocked nights of the current tenant and who stays there: what the calendar screen shows.';
COMMENT ON COLUMN unit_calendar.end_date IS 'Last blocked night, included.';

-- ---------------------------------------------------------------------------------------------------
-- Seed data
-- ---------------------------------------------------------------------------------------------------

UPDATE channels
SET capabilities = '{"pull": ["listings", "calendar", "bookings"], "push": ["availability", "stay_rules", "price"], "webhooks": true}'
WHERE code = 'hostaway';

INSERT INTO permissions (id, code, description) VALUES
    ('00000000-0000-4000-8000-000000002013', 'calendar.read',  'See calendars and stay rules.'),
    ('00000000-0000-4000-8000-000000002014', 'calendar.write', 'Block nights and set stay rules.'),
    ('00000000-0000-4000-8000-000000002015', 'bookings.read',  'See bookings.')
ON CONFLICT (id) DO UPDATE
    SET code = excluded.code,
        description = excluded.description;

INSERT INTO role_permissions (id, role_id, permission_id)
SELECT md5('role_permissions/' || r.code || '/' || p.code)::uuid, r.id, p.id
FROM roles r
    JOIN permissions p ON CASE p.code
        WHEN 'calendar.read'  THEN true
        WHEN 'calendar.write' THEN r.code IN ('owner', 'admin', 'manager', 'operations')
        WHEN 'bookings.read'  THEN r.code <> 'viewer'
        ELSE false
    END
ON CONFLICT (role_id, permission_id) DO NOTHING;
