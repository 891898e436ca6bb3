-- migrations/v1/006_bookings.sql
-- Purpose: The booking engine: guests, rates, fees, taxes, quotes, and bookings that the platform makes itself.
-- References: specifications/domains/07-bookings/, specifications/domains/08-pricing/, specifications/domains/09-guests/

-- The way of a direct booking: a quote names a price; checkout puts a hold on the nights; payment makes the booking,
-- whose block takes the place of the hold. What the guest saw is copied into the booking's line items, so that later
-- changes of rates, fees and taxes leave it alone.

-- ---------------------------------------------------------------------------------------------------
-- Guests
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE guests (
    id                   uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id               uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    full_name            text        NOT NULL,
    email                text,
    phone                text,
    locale               text        NOT NULL DEFAULT 'en',
    country_code         char(2),
    marketing_consent_at timestamptz,
    anonymized_at        timestamptz,
    preferences          jsonb       NOT NULL DEFAULT '{}',
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT guests_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT guests_full_name_check CHECK (btrim(full_name) <> ''),
    CONSTRAINT guests_email_check CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
    CONSTRAINT guests_phone_check CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    CONSTRAINT guests_locale_check CHECK (locale ~ '^[a-z]{2,3}(-[A-Z]{2})?$'),
    CONSTRAINT guests_country_code_check CHECK (country_code ~ '^[A-Z]{2}$'),
    CONSTRAINT guests_anonymized_at_check CHECK (anonymized_at IS NULL OR (email IS NULL AND phone IS NULL AND marketing_consent_at IS NULL)),
    CONSTRAINT guests_preferences_check CHECK (jsonb_typeof(preferences) = 'object')
);

COMMENT ON TABLE guests IS 'Who stays. A guest belongs to one tenant: tenants do not share their customers.';
COMMENT ON COLUMN guests.phone IS 'E.164, such as +14155550100.';
COMMENT ON COLUMN guests.country_code IS 'ISO 3166-1 alpha-2; where the guest lives, for tax and reporting duties.';
COMMENT ON COLUMN guests.marketing_consent_at IS 'Null is no consent.';
COMMENT ON COLUMN guests.anonymized_at IS 'When the person''s data was erased on request. The row stays for its bookings.';
COMMENT ON COLUMN guests.preferences IS 'What makes the stay pleasant: quiet room, cot, allergies.';

CREATE UNIQUE INDEX guests_org_id_lower_email_idx ON guests (org_id, lower(email));
CREATE INDEX guests_preferences_idx ON guests USING gin (preferences jsonb_path_ops);

CREATE TRIGGER guests_set_updated_at
    BEFORE UPDATE ON guests
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE guests ENABLE ROW LEVEL SECURITY;
ALTER TABLE guests FORCE ROW LEVEL SECURITY;

CREATE POLICY guests_tenant_isolation ON guests
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Prices
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE cancellation_policies (
    id                     uuid         PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id                 uuid         NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name                   text         NOT NULL,
    full_refund_days       smallint     NOT NULL,
    partial_refund_days    smallint     NOT NULL,
    partial_refund_percent numeric(5,2) NOT NULL,
    created_at             timestamptz  NOT NULL DEFAULT now(),
    updated_at             timestamptz  NOT NULL DEFAULT now(),

    CONSTRAINT cancellation_policies_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT cancellation_policies_org_id_name_key UNIQUE (org_id, name),
    CONSTRAINT cancellation_policies_days_check CHECK (partial_refund_days >= 0 AND full_refund_days >= partial_refund_days),
    CONSTRAINT cancellation_policies_partial_refund_percent_check CHECK (partial_refund_percent BETWEEN 0 AND 100)
);

COMMENT ON TABLE cancellation_policies IS 'What a guest gets back when a stay is cancelled in time.';
COMMENT ON COLUMN cancellation_policies.full_refund_days IS 'Everything, if at least so many days before check-in.';
COMMENT ON COLUMN cancellation_policies.partial_refund_days IS 'partial_refund_percent, if at least so many days before check-in; after that nothing.';

CREATE TRIGGER cancellation_policies_set_updated_at
    BEFORE UPDATE ON cancellation_policies
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE cancellation_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE cancellation_policies FORCE ROW LEVEL SECURITY;

CREATE POLICY cancellation_policies_tenant_isolation ON cancellation_policies
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE rate_plans (
    id                       uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id                   uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    unit_id                  uuid          NOT NULL,
    cancellation_policy_id   uuid          NOT NULL,
    name                     text          NOT NULL,
    nightly_amount           numeric(14,2) NOT NULL,
    currency                 char(3)       NOT NULL,
    weekly_discount_percent  numeric(5,2)  NOT NULL DEFAULT 0,
    monthly_discount_percent numeric(5,2)  NOT NULL DEFAULT 0,
    is_default               boolean       NOT NULL DEFAULT false,
    status                   text          NOT NULL DEFAULT 'active',
    created_at               timestamptz   NOT NULL DEFAULT now(),
    updated_at               timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT rate_plans_org_id_unit_id_fkey FOREIGN KEY (org_id, unit_id)
        REFERENCES units (org_id, id) ON DELETE CASCADE,
    CONSTRAINT rate_plans_org_id_cancellation_policy_id_fkey FOREIGN KEY (org_id, cancellation_policy_id)
        REFERENCES cancellation_policies (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT rate_plans_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT rate_plans_unit_id_name_key UNIQUE (unit_id, name),
    CONSTRAINT rate_plans_nightly_amount_check CHECK (nightly_amount > 0),
    CONSTRAINT rate_plans_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT rate_plans_discounts_check CHECK (weekly_discount_percent BETWEEN 0 AND 90 AND monthly_discount_percent BETWEEN 0 AND 90),
    CONSTRAINT rate_plans_status_check CHECK (status IN ('active', 'archived')),
    CONSTRAINT rate_plans_is_default_check CHECK (NOT is_default OR status = 'active')
);

COMMENT ON TABLE rate_plans IS 'A price for a unit under given terms, such as "flexible" and "non-refundable".';
COMMENT ON COLUMN rate_plans.nightly_amount IS 'For nights that no seasonal rate covers.';
COMMENT ON COLUMN rate_plans.weekly_discount_percent IS 'From 7 nights on.';
COMMENT ON COLUMN rate_plans.monthly_discount_percent IS 'From 28 nights on, instead of the weekly one.';
COMMENT ON COLUMN rate_plans.is_default IS 'The plan that search results show. At most one for a unit.';
COMMENT ON COLUMN rate_plans.status IS 'archived: no longer sold, kept for the quotes made with it.';

CREATE UNIQUE INDEX rate_plans_unit_id_default_idx ON rate_plans (unit_id) WHERE is_default;
CREATE INDEX rate_plans_org_id_unit_id_idx ON rate_plans (org_id, unit_id);
CREATE INDEX rate_plans_org_id_cancellation_policy_id_idx ON rate_plans (org_id, cancellation_policy_id);

CREATE TRIGGER rate_plans_set_updated_at
    BEFORE UPDATE ON rate_plans
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE rate_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE rate_plans FORCE ROW LEVEL SECURITY;

CREATE POLICY rate_plans_tenant_isolation ON rate_plans
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE seasonal_rates (
    id             uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id         uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    rate_plan_id   uuid          NOT NULL,
    name           text,
    start_date     date          NOT NULL,
    end_date       date          NOT NULL,
    nightly_amount numeric(14,2) NOT NULL,
    created_at     timestamptz   NOT NULL DEFAULT now(),
    updated_at     timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT seasonal_rates_org_id_rate_plan_id_fkey FOREIGN KEY (org_id, rate_plan_id)
        REFERENCES rate_plans (org_id, id) ON DELETE CASCADE,
    CONSTRAINT seasonal_rates_dates_check CHECK (end_date >= start_date),
    CONSTRAINT seasonal_rates_nightly_amount_check CHECK (nightly_amount > 0),
    CONSTRAINT seasonal_rates_rate_plan_id_dates_excl EXCLUDE USING gist (rate_plan_id WITH =, daterange(start_date, end_date, '[]') WITH &&)
);

COMMENT ON TABLE seasonal_rates IS 'Nights of a rate plan that cost something else. A night has one price.';
COMMENT ON COLUMN seasonal_rates.start_date IS 'First night at this price.';
COMMENT ON COLUMN seasonal_rates.end_date IS 'Last night at this price, included.';
COMMENT ON COLUMN seasonal_rates.nightly_amount IS 'In the currency of the rate plan.';

CREATE INDEX seasonal_rates_org_id_rate_plan_id_idx ON seasonal_rates (org_id, rate_plan_id);

CREATE TRIGGER seasonal_rates_set_updated_at
    BEFORE UPDATE ON seasonal_rates
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE seasonal_rates ENABLE ROW LEVEL SECURITY;
ALTER TABLE seasonal_rates FORCE ROW LEVEL SECURITY;

CREATE POLICY seasonal_rates_tenant_isolation ON seasonal_rates
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE unit_fees (
    id          uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id      uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    unit_id     uuid          NOT NULL,
    kind        text          NOT NULL,
    basis       text          NOT NULL DEFAULT 'stay',
    amount      numeric(14,2) NOT NULL,
    currency    char(3)       NOT NULL,
    is_optional boolean       NOT NULL DEFAULT false,
    is_taxable  boolean       NOT NULL DEFAULT true,
    created_at  timestamptz   NOT NULL DEFAULT now(),
    updated_at  timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT unit_fees_org_id_unit_id_fkey FOREIGN KEY (org_id, unit_id)
        REFERENCES units (org_id, id) ON DELETE CASCADE,
    CONSTRAINT unit_fees_unit_id_kind_key UNIQUE (unit_id, kind),
    CONSTRAINT unit_fees_kind_check CHECK (kind IN ('cleaning', 'pet', 'resort', 'linen', 'extra_guest', 'early_check_in', 'late_check_out')),
    CONSTRAINT unit_fees_basis_check CHECK (basis IN ('stay', 'night', 'guest', 'guest_night')),
    CONSTRAINT unit_fees_amount_check CHECK (amount >= 0),
    CONSTRAINT unit_fees_currency_check CHECK (currency ~ '^[A-Z]{3}$')
);

COMMENT ON TABLE unit_fees IS 'What a stay costs besides its nights.';
COMMENT ON COLUMN unit_fees.basis IS 'What the amount is multiplied by.';
COMMENT ON COLUMN unit_fees.amount IS 'Before taxes; times what basis says.';
COMMENT ON COLUMN unit_fees.is_optional IS 'Only if the guest asks for it.';

CREATE INDEX unit_fees_org_id_unit_id_idx ON unit_fees (org_id, unit_id);

CREATE TRIGGER unit_fees_set_updated_at
    BEFORE UPDATE ON unit_fees
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE unit_fees ENABLE ROW LEVEL SECURITY;
ALTER TABLE unit_fees FORCE ROW LEVEL SECURITY;

CREATE POLICY unit_fees_tenant_isolation ON unit_fees
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE tax_rates (
    id          uuid         PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id      uuid         NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    property_id uuid         NOT NULL,
    name        text         NOT NULL,
    percent     numeric(6,3) NOT NULL,
    valid_from  date         NOT NULL,
    valid_to    date,
    created_at  timestamptz  NOT NULL DEFAULT now(),
    updated_at  timestamptz  NOT NULL DEFAULT now(),

    CONSTRAINT tax_rates_org_id_property_id_fkey FOREIGN KEY (org_id, property_id)
        REFERENCES properties (org_id, id) ON DELETE CASCADE,
    CONSTRAINT tax_rates_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT tax_rates_percent_check CHECK (percent BETWEEN 0 AND 100),
    CONSTRAINT tax_rates_validity_check CHECK (valid_to >= valid_from),
    CONSTRAINT tax_rates_property_id_name_validity_excl EXCLUDE USING gist (property_id WITH =, name WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);

COMMENT ON TABLE tax_rates IS 'What the place where a property stands takes of a stay. Several taxes may apply; each has one rate on a day.';
COMMENT ON COLUMN tax_rates.name IS 'As it is shown to the guest, such as Transient occupancy tax.';
COMMENT ON COLUMN tax_rates.valid_from IS 'First night that is taxed at this rate.';
COMMENT ON COLUMN tax_rates.valid_to IS 'Last such night, included; null while no end is known.';

CREATE INDEX tax_rates_org_id_property_id_idx ON tax_rates (org_id, property_id);

CREATE TRIGGER tax_rates_set_updated_at
    BEFORE UPDATE ON tax_rates
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE tax_rates ENABLE ROW LEVEL SECURITY;
ALTER TABLE tax_rates FORCE ROW LEVEL SECURITY;

CREATE POLICY tax_rates_tenant_isolation ON tax_rates
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Quotes and holds
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE quotes (
    id              uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id          uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id      uuid          NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    unit_id         uuid          NOT NULL,
    rate_plan_id    uuid          NOT NULL,
    guest_id        uuid,
    idempotency_key text          NOT NULL,
    status          text          NOT NULL DEFAULT 'open',
    check_in        date          NOT NULL,
    check_out       date          NOT NULL,
    adults          smallint      NOT NULL DEFAULT 1,
    children        smallint      NOT NULL DEFAULT 0,
    infants         smallint      NOT NULL DEFAULT 0,
    nights_amount   numeric(14,2) NOT NULL,
    discount_amount numeric(14,2) NOT NULL DEFAULT 0,
    fees_amount     numeric(14,2) NOT NULL DEFAULT 0,
    taxes_amount    numeric(14,2) NOT NULL DEFAULT 0,
    total_amount    numeric(14,2) NOT NULL,
    currency        char(3)       NOT NULL,
    breakdown       jsonb         NOT NULL DEFAULT '{}',
    expires_at      timestamptz   NOT NULL,
    created_at      timestamptz   NOT NULL DEFAULT now(),
    updated_at      timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT quotes_org_id_unit_id_fkey FOREIGN KEY (org_id, unit_id)
        REFERENCES units (org_id, id) ON DELETE CASCADE,
    CONSTRAINT quotes_org_id_rate_plan_id_fkey FOREIGN KEY (org_id, rate_plan_id)
        REFERENCES rate_plans (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT quotes_org_id_guest_id_fkey FOREIGN KEY (org_id, guest_id)
        REFERENCES guests (org_id, id) ON DELETE CASCADE,
    CONSTRAINT quotes_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT quotes_org_id_idempotency_key_key UNIQUE (org_id, idempotency_key),
    CONSTRAINT quotes_status_check CHECK (status IN ('open', 'accepted', 'expired', 'withdrawn')),
    CONSTRAINT quotes_stay_check CHECK (check_out > check_in),
    CONSTRAINT quotes_guests_check CHECK (adults >= 1 AND children >= 0 AND infants >= 0),
    CONSTRAINT quotes_amounts_check CHECK (nights_amount >= 0 AND fees_amount >= 0 AND taxes_amount >= 0 AND discount_amount BETWEEN 0 AND nights_amount),
    CONSTRAINT quotes_total_amount_check CHECK (total_amount = nights_amount - discount_amount + fees_amount + taxes_amount),
    CONSTRAINT quotes_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT quotes_accepted_check CHECK (status <> 'accepted' OR guest_id IS NOT NULL),
    CONSTRAINT quotes_expires_at_check CHECK (expires_at > created_at)
);

COMMENT ON TABLE quotes IS 'A price that was promised to a guest until it expires.';
COMMENT ON COLUMN quotes.account_id IS 'Who made it; the booking engine when the guest asked on the web.';
COMMENT ON COLUMN quotes.guest_id IS 'Null until the guest says who they are.';
COMMENT ON COLUMN quotes.idempotency_key IS 'From the client, so that a repeated request finds the quote that it made.';
COMMENT ON COLUMN quotes.nights_amount IS 'Nights before the discount.';
COMMENT ON COLUMN quotes.fees_amount IS 'Fees before taxes.';
COMMENT ON COLUMN quotes.breakdown IS 'How the amounts came about, night by night, as shown to the guest.';
COMMENT ON COLUMN quotes.expires_at IS 'Until when the price is promised. It promises no nights: a hold does.';

CREATE INDEX quotes_org_id_unit_id_idx ON quotes (org_id, unit_id);
CREATE INDEX quotes_org_id_rate_plan_id_idx ON quotes (org_id, rate_plan_id);
CREATE INDEX quotes_org_id_guest_id_idx ON quotes (org_id, guest_id);
CREATE INDEX quotes_account_id_idx ON quotes (account_id);
CREATE INDEX quotes_open_expires_at_idx ON quotes (expires_at) WHERE status = 'open';
CREATE INDEX quotes_breakdown_idx ON quotes USING gin (breakdown jsonb_path_ops);

CREATE TRIGGER quotes_set_updated_at
    BEFORE UPDATE ON quotes
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE quotes ENABLE ROW LEVEL SECURITY;
ALTER TABLE quotes FORCE ROW LEVEL SECURITY;

CREATE POLICY quotes_tenant_isolation ON quotes
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

ALTER TABLE availability_blocks
    ADD COLUMN quote_id uuid,
    ADD COLUMN expires_at timestamptz,
    ADD CONSTRAINT availability_blocks_org_id_quote_id_fkey FOREIGN KEY (org_id, quote_id)
        REFERENCES quotes (org_id, id) ON DELETE CASCADE,
    ADD CONSTRAINT availability_blocks_quote_id_key UNIQUE (quote_id),
    DROP CONSTRAINT availability_blocks_reason_check,
    ADD CONSTRAINT availability_blocks_reason_check CHECK (reason IN ('booking', 'hold', 'owner_stay', 'maintenance', 'channel', 'other')),
    ADD CONSTRAINT availability_blocks_reason_quote_id_check CHECK ((reason = 'hold') = (quote_id IS NOT NULL)),
    ADD CONSTRAINT availability_blocks_expires_at_check CHECK ((reason = 'hold') = (expires_at IS NOT NULL));

COMMENT ON COLUMN availability_blocks.reason IS 'hold: a guest is at checkout; channel: the channel blocks the nights and does not say why.';
COMMENT ON COLUMN availability_blocks.quote_id IS 'The quote whose guest is at checkout.';
COMMENT ON COLUMN availability_blocks.expires_at IS 'When the hold ends. Whoever finds it expired deletes it.';

CREATE INDEX availability_blocks_org_id_quote_id_idx ON availability_blocks (org_id, quote_id);
CREATE INDEX availability_blocks_expires_at_idx ON availability_blocks (expires_at) WHERE reason = 'hold';

-- ---------------------------------------------------------------------------------------------------
-- Bookings of our own
-- ---------------------------------------------------------------------------------------------------

ALTER TABLE bookings
    ADD COLUMN guest_id uuid,
    ADD COLUMN quote_id uuid,
    ADD COLUMN cancellation_policy_id uuid,
    ADD COLUMN confirmation_code text,
    ADD CONSTRAINT bookings_org_id_guest_id_fkey FOREIGN KEY (org_id, guest_id)
        REFERENCES guests (org_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT bookings_org_id_quote_id_fkey FOREIGN KEY (org_id, quote_id)
        REFERENCES quotes (org_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT bookings_org_id_cancellation_policy_id_fkey FOREIGN KEY (org_id, cancellation_policy_id)
        REFERENCES cancellation_policies (org_id, id) ON DELETE RESTRICT,
    ADD CONSTRAINT bookings_quote_id_key UNIQUE (quote_id),
    ADD CONSTRAINT bookings_confirmation_code_key UNIQUE (confirmation_code),
    ADD CONSTRAINT bookings_confirmation_code_check CHECK (confirmation_code ~ '^[A-HJ-NP-Z2-9]{8}$'),
    ADD CONSTRAINT bookings_quoted_check CHECK (
        quote_id IS NULL
        OR (
            guest_id IS NOT NULL
            AND cancellation_policy_id IS NOT NULL
            AND confirmation_code IS NOT NULL
            AND total_amount IS NOT NULL
        )
    );

COMMENT ON TABLE bookings IS 'A stay that somebody sold: a channel, a person or our own booking engine.';
COMMENT ON COLUMN bookings.guest_id IS 'Null for bookings of channels that keep their guests to themselves; guest_name has what they tell.';
COMMENT ON COLUMN bookings.quote_id IS 'The accepted quote; null when the booking was made elsewhere.';
COMMENT ON COLUMN bookings.cancellation_policy_id IS 'The terms that the guest agreed to.';
COMMENT ON COLUMN bookings.confirmation_code IS 'What the guest is told. No I, O, 0 or 1, which are misread.';

CREATE INDEX bookings_org_id_guest_id_idx ON bookings (org_id, guest_id);
CREATE INDEX bookings_org_id_quote_id_idx ON bookings (org_id, quote_id);
CREATE INDEX bookings_org_id_cancellation_policy_id_idx ON bookings (org_id, cancellation_policy_id);

CREATE OR REPLACE FUNCTION sync_booking_block() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $$
BEGIN
    IF NEW.status IN ('confirmed', 'checked_in', 'checked_out') THEN
        -- The booking takes the place of the hold that its quote put on the nights.
        DELETE FROM public.availability_blocks b WHERE b.quote_id = NEW.quote_id;

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

CREATE TABLE booking_line_items (
    id          uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id      uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    booking_id  uuid          NOT NULL,
    tax_rate_id uuid,
    kind        text          NOT NULL,
    description text          NOT NULL,
    stay_date   date,
    quantity    numeric(8,2)  NOT NULL DEFAULT 1,
    unit_amount numeric(14,2) NOT NULL,
    amount      numeric(14,2) NOT NULL GENERATED ALWAYS AS (round(quantity * unit_amount, 2)) STORED,
    currency    char(3)       NOT NULL,
    created_at  timestamptz   NOT NULL DEFAULT now(),
    updated_at  timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT booking_line_items_org_id_booking_id_fkey FOREIGN KEY (org_id, booking_id)
        REFERENCES bookings (org_id, id) ON DELETE CASCADE,
    CONSTRAINT booking_line_items_org_id_tax_rate_id_fkey FOREIGN KEY (org_id, tax_rate_id)
        REFERENCES tax_rates (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT booking_line_items_kind_check CHECK (kind IN ('night', 'discount', 'fee', 'tax', 'extra', 'adjustment')),
    CONSTRAINT booking_line_items_stay_date_check CHECK ((kind = 'night') = (stay_date IS NOT NULL)),
    CONSTRAINT booking_line_items_tax_rate_id_check CHECK (kind = 'tax' OR tax_rate_id IS NULL),
    CONSTRAINT booking_line_items_quantity_check CHECK (quantity > 0),
    CONSTRAINT booking_line_items_sign_check CHECK (CASE kind WHEN 'discount' THEN unit_amount <= 0 WHEN 'adjustment' THEN true ELSE unit_amount >= 0 END),
    CONSTRAINT booking_line_items_currency_check CHECK (currency ~ '^[A-Z]{3}$')
);

COMMENT ON TABLE booking_line_items IS 'What a booking costs, line by line: the invoice.';
COMMENT ON COLUMN booking_line_items.tax_rate_id IS 'The rate that a tax line was computed with; null when a channel computed it.';
COMMENT ON COLUMN booking_line_items.stay_date IS 'The night that a night line is about.';
COMMENT ON COLUMN booking_line_items.quantity IS 'Such as guests or nights, when one line stands for several.';
COMMENT ON COLUMN booking_line_items.unit_amount IS 'Negative for discounts; either for adjustments.';
COMMENT ON COLUMN booking_line_items.amount IS 'What the line comes to; computed.';

CREATE UNIQUE INDEX booking_line_items_booking_id_stay_date_idx ON booking_line_items (booking_id, stay_date) WHERE kind = 'night';
CREATE INDEX booking_line_items_org_id_booking_id_idx ON booking_line_items (org_id, booking_id);
CREATE INDEX booking_line_items_org_id_tax_rate_id_idx ON booking_line_items (org_id, tax_rate_id);

-- No WHEN here: a condition over the whole row cannot see generated columns.
CREATE TRIGGER booking_line_items_set_updated_at
    BEFORE UPDATE ON booking_line_items
    FOR EACH ROW
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE booking_line_items ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking_line_items FORCE ROW LEVEL SECURITY;

CREATE POLICY booking_line_items_tenant_isolation ON booking_line_items
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE booking_status_changes (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id     uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id uuid        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    booking_id uuid        NOT NULL,
    old_status text,
    new_status text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT booking_status_changes_org_id_booking_id_fkey FOREIGN KEY (org_id, booking_id)
        REFERENCES bookings (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT booking_status_changes_status_check CHECK (old_status IS DISTINCT FROM new_status),
    CONSTRAINT booking_status_changes_updated_at_check CHECK (updated_at = created_at)
);

COMMENT ON TABLE booking_status_changes IS 'The life of each booking, written by a trigger. Append-only. Begins with this migration: earlier bookings have no first entry.';
COMMENT ON COLUMN booking_status_changes.account_id IS 'Who changed it: app.current_account_id, or the account of the booking where that is not set.';
COMMENT ON COLUMN booking_status_changes.booking_id IS 'A booking with a history is cancelled, not deleted.';
COMMENT ON COLUMN booking_status_changes.old_status IS 'Null when the booking was new.';
COMMENT ON COLUMN booking_status_changes.updated_at IS 'Always created_at: history does not change.';

CREATE INDEX booking_status_changes_org_id_booking_id_idx ON booking_status_changes (org_id, booking_id);
CREATE INDEX booking_status_changes_account_id_idx ON booking_status_changes (account_id);

CREATE TRIGGER booking_status_changes_reject_change
    BEFORE UPDATE OR DELETE ON booking_status_changes
    FOR EACH ROW
    EXECUTE FUNCTION reject_change();

CREATE TRIGGER booking_status_changes_reject_truncate
    BEFORE TRUNCATE ON booking_status_changes
    FOR EACH STATEMENT
    EXECUTE FUNCTION reject_change();

ALTER TABLE booking_status_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking_status_changes FORCE ROW LEVEL SECURITY;

CREATE POLICY booking_status_changes_tenant_read ON booking_status_changes
    FOR SELECT
    USING (org_id = current_setting('app.current_org_id')::uuid);

CREATE POLICY booking_status_changes_tenant_insert ON booking_status_changes
    FOR INSERT
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE FUNCTION record_booking_status() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $$
DECLARE
    previous text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        previous := OLD.status;
    END IF;

    IF previous IS DISTINCT FROM NEW.status THEN
        INSERT INTO public.booking_status_changes (org_id, account_id, booking_id, old_status, new_status)
        VALUES (
            NEW.org_id,
            coalesce(nullif(current_setting('app.current_account_id', true), '')::uuid, NEW.account_id),
            NEW.id,
            previous,
            NEW.status
        );
    END IF;

    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION record_booking_status() IS 'Writes booking_status_changes, so that no way to change a status can forget it.';

CREATE TRIGGER bookings_record_status
    AFTER INSERT OR UPDATE OF status ON bookings
    FOR EACH ROW
    EXECUTE FUNCTION record_booking_status();

-- ---------------------------------------------------------------------------------------------------
-- Seed data
-- ---------------------------------------------------------------------------------------------------

INSERT INTO accounts (id, kind, display_name) VALUES
    ('00000000-0000-4000-8000-000000004003', 'service', 'Booking engine')
ON CONFLICT (id) DO UPDATE
    SET kind = excluded.kind,
        display_name = excluded.display_name;

INSERT INTO permissions (id, code, description) VALUES
    ('00000000-0000-4000-8000-000000002016', 'bookings.write', 'Make, change and cancel bookings.'),
    ('00000000-0000-4000-8000-000000002017', 'guests.read',    'See guests and how to reach them.'),
    ('00000000-0000-4000-8000-000000002018', 'guests.write',   'Change guests, and erase their data on request.'),
    ('00000000-0000-4000-8000-000000002019', 'pricing.read',   'See rates, fees and taxes.'),
    ('00000000-0000-4000-8000-000000002020', 'pricing.write',  'Set rates, fees and taxes.')
ON CONFLICT (id) DO UPDATE
    SET code = excluded.code,
        description = excluded.description;

INSERT INTO role_permissions (id, role_id, permission_id)
SELECT md5('role_permissions/' || r.code || '/' || p.code)::uuid, r.id, p.id
FROM roles r
    JOIN permissions p ON CASE p.code
        WHEN 'bookings.write' THEN r.code IN ('owner', 'admin', 'manager')
        WHEN 'guests.read'    THEN r.code IN ('owner', 'admin', 'manager', 'operations', 'finance')
        WHEN 'guests.write'   THEN r.code IN ('owner', 'admin', 'manager')
        WHEN 'pricing.read'   THEN r.code IN ('owner', 'admin', 'manager', 'finance')
        WHEN 'pricing.write'  THEN r.code IN ('owner', 'admin', 'manager')
        ELSE false
    END
ON CONFLICT (role_id, permission_id) DO NOTHING;
