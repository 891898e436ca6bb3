-- migrations/v1/007_payments.sql
-- Purpose: Payments: providers, payment methods, schedules, payments, refunds, payouts and the ledger.
-- References: specifications/domains/10-payments/, specifications/domains/11-ledger/

--   * No card numbers: the provider keeps them, we keep its tokens.
--   * Whatever is sent to a provider has an idempotency_key; whatever comes back has the provider's own id.
--     Both are unique, so a retry on either side is one payment.
--   * A row with an amount has the currency beside it, and a refund is in the currency of its payment.
--   * The ledger is the truth about money; the status columns are where things are on their way.

-- ---------------------------------------------------------------------------------------------------
-- Providers
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE payment_providers (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    code       text        NOT NULL,
    name       text        NOT NULL,
    is_enabled boolean     NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT payment_providers_code_key UNIQUE (code),
    CONSTRAINT payment_providers_code_check CHECK (code ~ '^[a-z]+(_[a-z]+)*$')
);

COMMENT ON TABLE payment_providers IS 'Lookup: through whom guests pay. The same for all tenants, so no org_id.';
COMMENT ON COLUMN payment_providers.is_enabled IS 'false keeps new payment accounts from being opened; existing ones go on.';

CREATE TRIGGER payment_providers_set_updated_at
    BEFORE UPDATE ON payment_providers
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE payment_providers ENABLE ROW LEVEL SECURITY;

CREATE POLICY payment_providers_read ON payment_providers
    FOR SELECT
    USING (true);

INSERT INTO payment_providers (id, code, name) VALUES
    ('00000000-0000-4000-8000-000000005001', 'stripe',  'Stripe'),
    ('00000000-0000-4000-8000-000000005002', 'offline', 'Cash or bank transfer'),
    ('00000000-0000-4000-8000-000000005003', 'channel', 'Collected by the channel')
ON CONFLICT (id) DO UPDATE
    SET code = excluded.code,
        name = excluded.name;

CREATE TABLE payment_accounts (
    id                  uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id              uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id          uuid        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    provider_id         uuid        NOT NULL REFERENCES payment_providers (id) ON DELETE RESTRICT,
    external_account_id text        NOT NULL,
    status              text        NOT NULL DEFAULT 'onboarding',
    default_currency    char(3)     NOT NULL,
    charges_enabled     boolean     NOT NULL DEFAULT false,
    payouts_enabled     boolean     NOT NULL DEFAULT false,
    requirements        jsonb       NOT NULL DEFAULT '{}',
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT payment_accounts_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT payment_accounts_provider_id_external_account_id_key UNIQUE (provider_id, external_account_id),
    CONSTRAINT payment_accounts_status_check CHECK (status IN ('onboarding', 'active', 'restricted', 'closed')),
    CONSTRAINT payment_accounts_enabled_check CHECK (status <> 'closed' OR NOT (charges_enabled OR payouts_enabled)),
    CONSTRAINT payment_accounts_default_currency_check CHECK (default_currency ~ '^[A-Z]{3}$')
);

COMMENT ON TABLE payment_accounts IS 'The tenant at a provider: a connected account in Stripe''s words.';
COMMENT ON COLUMN payment_accounts.account_id IS 'Who opened it.';
COMMENT ON COLUMN payment_accounts.external_account_id IS 'Account on the side of the provider; for offline, the id of the organization.';
COMMENT ON COLUMN payment_accounts.status IS 'restricted: the provider wants something, see requirements.';
COMMENT ON COLUMN payment_accounts.charges_enabled IS 'Whether the provider takes money for it now; payouts_enabled, whether it pays out.';
COMMENT ON COLUMN payment_accounts.requirements IS 'What the provider still wants to know, as it says it.';

CREATE INDEX payment_accounts_account_id_idx ON payment_accounts (account_id);
CREATE INDEX payment_accounts_requirements_idx ON payment_accounts USING gin (requirements jsonb_path_ops);

CREATE TRIGGER payment_accounts_set_updated_at
    BEFORE UPDATE ON payment_accounts
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE payment_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_accounts FORCE ROW LEVEL SECURITY;

CREATE POLICY payment_accounts_tenant_isolation ON payment_accounts
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE payment_methods (
    id                 uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id             uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    guest_id           uuid        NOT NULL,
    payment_account_id uuid        NOT NULL,
    external_method_id text        NOT NULL,
    kind               text        NOT NULL DEFAULT 'card',
    brand              text,
    last4              char(4),
    expires_on         date,
    detached_at        timestamptz,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT payment_methods_org_id_guest_id_fkey FOREIGN KEY (org_id, guest_id)
        REFERENCES guests (org_id, id) ON DELETE CASCADE,
    CONSTRAINT payment_methods_org_id_payment_account_id_fkey FOREIGN KEY (org_id, payment_account_id)
        REFERENCES payment_accounts (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT payment_methods_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT payment_methods_payment_account_id_external_method_id_key UNIQUE (payment_account_id, external_method_id),
    CONSTRAINT payment_methods_kind_check CHECK (kind IN ('card', 'bank_debit', 'wallet')),
    CONSTRAINT payment_methods_card_check CHECK (kind <> 'card' OR (brand IS NOT NULL AND last4 IS NOT NULL AND expires_on IS NOT NULL)),
    CONSTRAINT payment_methods_last4_check CHECK (last4 ~ '^[0-9]{4}$')
);

COMMENT ON TABLE payment_methods IS 'A card or the like that a guest left with the provider.';
COMMENT ON COLUMN payment_methods.external_method_id IS 'The provider''s token. Card numbers never come here.';
COMMENT ON COLUMN payment_methods.last4 IS 'For the guest to recognize it.';
COMMENT ON COLUMN payment_methods.expires_on IS 'Last day of the month on the card.';
COMMENT ON COLUMN payment_methods.detached_at IS 'No longer to be charged; kept for the payments that were made with it.';

CREATE INDEX payment_methods_org_id_guest_id_idx ON payment_methods (org_id, guest_id);
CREATE INDEX payment_methods_org_id_payment_account_id_idx ON payment_methods (org_id, payment_account_id);

CREATE TRIGGER payment_methods_set_updated_at
    BEFORE UPDATE ON payment_methods
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE payment_methods ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_methods FORCE ROW LEVEL SECURITY;

CREATE POLICY payment_methods_tenant_isolation ON payment_methods
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Money in
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE payment_schedules (
    id         uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id     uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    booking_id uuid          NOT NULL,
    kind       text          NOT NULL,
    due_on     date          NOT NULL,
    amount     numeric(14,2) NOT NULL,
    currency   char(3)       NOT NULL,
    status     text          NOT NULL DEFAULT 'scheduled',
    created_at timestamptz   NOT NULL DEFAULT now(),
    updated_at timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT payment_schedules_org_id_booking_id_fkey FOREIGN KEY (org_id, booking_id)
        REFERENCES bookings (org_id, id) ON DELETE CASCADE,
    CONSTRAINT payment_schedules_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT payment_schedules_kind_check CHECK (kind IN ('deposit', 'balance', 'security_deposit', 'extra')),
    CONSTRAINT payment_schedules_amount_check CHECK (amount > 0),
    CONSTRAINT payment_schedules_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT payment_schedules_status_check CHECK (status IN ('scheduled', 'paid', 'overdue', 'waived'))
);

COMMENT ON TABLE payment_schedules IS 'What a guest has to pay and when: a deposit at booking, the balance before arrival.';
COMMENT ON COLUMN payment_schedules.kind IS 'security_deposit is authorized, and charged only for damage.';
COMMENT ON COLUMN payment_schedules.status IS 'waived: the tenant does not ask for it any more.';

-- A stay has one deposit, one balance and one security deposit; extras come as they come.
CREATE UNIQUE INDEX payment_schedules_booking_id_kind_idx ON payment_schedules (booking_id, kind) WHERE kind <> 'extra';
CREATE INDEX payment_schedules_org_id_booking_id_idx ON payment_schedules (org_id, booking_id);
CREATE INDEX payment_schedules_due_idx ON payment_schedules (due_on) WHERE status IN ('scheduled', 'overdue');

CREATE TRIGGER payment_schedules_set_updated_at
    BEFORE UPDATE ON payment_schedules
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE payment_schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_schedules FORCE ROW LEVEL SECURITY;

CREATE POLICY payment_schedules_tenant_isolation ON payment_schedules
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE payouts (
    id                 uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id             uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    payment_account_id uuid          NOT NULL,
    external_payout_id text          NOT NULL,
    amount             numeric(14,2) NOT NULL,
    currency           char(3)       NOT NULL,
    status             text          NOT NULL DEFAULT 'pending',
    arrives_on         date,
    created_at         timestamptz   NOT NULL DEFAULT now(),
    updated_at         timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT payouts_org_id_payment_account_id_fkey FOREIGN KEY (org_id, payment_account_id)
        REFERENCES payment_accounts (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT payouts_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT payouts_payment_account_id_external_payout_id_key UNIQUE (payment_account_id, external_payout_id),
    CONSTRAINT payouts_amount_check CHECK (amount <> 0),
    CONSTRAINT payouts_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT payouts_status_check CHECK (status IN ('pending', 'in_transit', 'paid', 'failed', 'cancelled'))
);

COMMENT ON TABLE payouts IS 'Money that a provider sends to the bank of the tenant, for many payments at once.';
COMMENT ON COLUMN payouts.amount IS 'After the provider''s fees. Negative when refunds were more than payments and the provider debits the bank.';

CREATE INDEX payouts_org_id_payment_account_id_idx ON payouts (org_id, payment_account_id);

CREATE TRIGGER payouts_set_updated_at
    BEFORE UPDATE ON payouts
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE payouts ENABLE ROW LEVEL SECURITY;
ALTER TABLE payouts FORCE ROW LEVEL SECURITY;

CREATE POLICY payouts_tenant_isolation ON payouts
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE payments (
    id                  uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id              uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id          uuid          NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    booking_id          uuid          NOT NULL,
    payment_account_id  uuid          NOT NULL,
    payment_method_id   uuid,
    payment_schedule_id uuid,
    payout_id           uuid,
    idempotency_key     text          NOT NULL,
    external_payment_id text,
    status              text          NOT NULL DEFAULT 'pending',
    amount              numeric(14,2) NOT NULL,
    fee_amount          numeric(14,2) NOT NULL DEFAULT 0,
    currency            char(3)       NOT NULL,
    failure_code        text,
    provider_data       jsonb         NOT NULL DEFAULT '{}',
    authorized_at       timestamptz,
    succeeded_at        timestamptz,
    created_at          timestamptz   NOT NULL DEFAULT now(),
    updated_at          timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT payments_org_id_booking_id_fkey FOREIGN KEY (org_id, booking_id)
        REFERENCES bookings (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT payments_org_id_payment_account_id_fkey FOREIGN KEY (org_id, payment_account_id)
        REFERENCES payment_accounts (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT payments_org_id_payment_method_id_fkey FOREIGN KEY (org_id, payment_method_id)
        REFERENCES payment_methods (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT payments_org_id_payment_schedule_id_fkey FOREIGN KEY (org_id, payment_schedule_id)
        REFERENCES payment_schedules (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT payments_org_id_payout_id_fkey FOREIGN KEY (org_id, payout_id)
        REFERENCES payouts (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT payments_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT payments_org_id_id_currency_key UNIQUE (org_id, id, currency),
    CONSTRAINT payments_org_id_idempotency_key_key UNIQUE (org_id, idempotency_key),
    CONSTRAINT payments_payment_account_id_external_payment_id_key UNIQUE (payment_account_id, external_payment_id),
    CONSTRAINT payments_status_check CHECK (status IN ('pending', 'requires_action', 'authorized', 'processing', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT payments_amount_check CHECK (amount > 0),
    CONSTRAINT payments_fee_amount_check CHECK (fee_amount BETWEEN 0 AND amount),
    CONSTRAINT payments_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT payments_succeeded_at_check CHECK ((status = 'succeeded') = (succeeded_at IS NOT NULL)),
    CONSTRAINT payments_failure_code_check CHECK ((status = 'failed') = (failure_code IS NOT NULL)),
    CONSTRAINT payments_payout_id_check CHECK (payout_id IS NULL OR status = 'succeeded')
);

COMMENT ON TABLE payments IS 'Money that a guest pays, or tried to pay, for a booking. A refunded payment stays succeeded; see refunds.';
COMMENT ON COLUMN payments.account_id IS 'Who took it; the payment service when the guest paid on the web.';
COMMENT ON COLUMN payments.booking_id IS 'A booking with payments is cancelled, not deleted.';
COMMENT ON COLUMN payments.payment_method_id IS 'Null for cash, transfers and what a channel collected.';
COMMENT ON COLUMN payments.payment_schedule_id IS 'What it was due for, if it was due.';
COMMENT ON COLUMN payments.payout_id IS 'How it reached the bank; null until then.';
COMMENT ON COLUMN payments.idempotency_key IS 'Ours, sent to the provider: a retry is the same payment.';
COMMENT ON COLUMN payments.external_payment_id IS 'The provider''s; null until it has answered.';
COMMENT ON COLUMN payments.status IS 'authorized: reserved on the card and not yet taken; requires_action: the guest has to confirm.';
COMMENT ON COLUMN payments.amount IS 'What the guest pays, the providers fee included.';
COMMENT ON COLUMN payments.fee_amount IS 'What the provider keeps.';
COMMENT ON COLUMN payments.failure_code IS 'As the provider says it, such as card_declined.';
COMMENT ON COLUMN payments.provider_data IS 'What the provider last answered, without personal data.';

CREATE INDEX payments_org_id_booking_id_idx ON payments (org_id, booking_id);
CREATE INDEX payments_org_id_payment_account_id_idx ON payments (org_id, payment_account_id);
CREATE INDEX payments_org_id_payment_method_id_idx ON payments (org_id, payment_method_id);
CREATE INDEX payments_org_id_payment_schedule_id_idx ON payments (org_id, payment_schedule_id);
CREATE INDEX payments_org_id_payout_id_idx ON payments (org_id, payout_id);
CREATE INDEX payments_account_id_idx ON payments (account_id);
CREATE INDEX payments_unsettled_idx ON payments (created_at) WHERE status IN ('pending', 'requires_action', 'authorized', 'processing');
CREATE INDEX payments_provider_data_idx ON payments USING gin (provider_data jsonb_path_ops);

CREATE TRIGGER payments_set_updated_at
    BEFORE UPDATE ON payments
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE payments FORCE ROW LEVEL SECURITY;

CREATE POLICY payments_tenant_isolation ON payments
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Money back
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE refunds (
    id                 uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id             uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id         uuid          NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    payment_id         uuid          NOT NULL,
    idempotency_key    text          NOT NULL,
    external_refund_id text,
    status             text          NOT NULL DEFAULT 'pending',
    reason             text          NOT NULL,
    amount             numeric(14,2) NOT NULL,
    currency           char(3)       NOT NULL,
    succeeded_at       timestamptz,
    created_at         timestamptz   NOT NULL DEFAULT now(),
    updated_at         timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT refunds_org_id_payment_id_currency_fkey FOREIGN KEY (org_id, payment_id, currency)
        REFERENCES payments (org_id, id, currency) ON DELETE RESTRICT,
    CONSTRAINT refunds_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT refunds_org_id_idempotency_key_key UNIQUE (org_id, idempotency_key),
    CONSTRAINT refunds_payment_id_external_refund_id_key UNIQUE (payment_id, external_refund_id),
    CONSTRAINT refunds_status_check CHECK (status IN ('pending', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT refunds_reason_check CHECK (reason IN ('cancellation', 'goodwill', 'duplicate', 'overbooking', 'damage_deposit', 'other')),
    CONSTRAINT refunds_amount_check CHECK (amount > 0),
    CONSTRAINT refunds_succeeded_at_check CHECK ((status = 'succeeded') = (succeeded_at IS NOT NULL))
);

COMMENT ON TABLE refunds IS 'Money that goes back to the guest. All refunds of a payment together are never more than the payment.';
COMMENT ON COLUMN refunds.account_id IS 'Who decided it.';
COMMENT ON COLUMN refunds.reason IS 'damage_deposit: a security deposit that is given back.';
COMMENT ON COLUMN refunds.idempotency_key IS 'Ours, sent to the provider: a retry is the same refund.';
COMMENT ON COLUMN refunds.status IS 'pending counts against the payment already.';
COMMENT ON COLUMN refunds.currency IS 'That of the payment; it is part of the foreign key.';

CREATE INDEX refunds_org_id_payment_id_currency_idx ON refunds (org_id, payment_id, currency);
CREATE INDEX refunds_account_id_idx ON refunds (account_id);

CREATE TRIGGER refunds_set_updated_at
    BEFORE UPDATE ON refunds
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE refunds ENABLE ROW LEVEL SECURITY;
ALTER TABLE refunds FORCE ROW LEVEL SECURITY;

CREATE POLICY refunds_tenant_isolation ON refunds
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE FUNCTION check_refund_total() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $$
DECLARE
    paid numeric;
    refunded numeric;
BEGIN
    -- The lock makes two refunds of one payment wait for each other.
    SELECT p.amount INTO paid
    FROM public.payments p
    WHERE p.id = NEW.payment_id AND p.status = 'succeeded'
    FOR UPDATE;

    IF NOT FOUND THEN
        RAISE EXCEPTION 'payment % has not succeeded and cannot be refunded', NEW.payment_id
            USING ERRCODE = 'check_violation';
    END IF;

    SELECT coalesce(sum(r.amount), 0) INTO refunded
    FROM public.refunds r
    WHERE r.org_id = NEW.org_id
        AND r.payment_id = NEW.payment_id
        AND r.status IN ('pending', 'succeeded')
        AND r.id <> NEW.id;

    IF refunded + NEW.amount > paid THEN
        RAISE EXCEPTION 'refunds of payment % would be % of % paid', NEW.payment_id, refunded + NEW.amount, paid
            USING ERRCODE = 'check_violation';
    END IF;

    RETURN NEW;
END;
$$;

COMMENT ON FUNCTION check_refund_total() IS 'Keeps all refunds of a payment together at or below the payment.';

CREATE TRIGGER refunds_check_total
    BEFORE INSERT OR UPDATE OF payment_id, amount, status ON refunds
    FOR EACH ROW
    WHEN (NEW.status IN ('pending', 'succeeded'))
    EXECUTE FUNCTION check_refund_total();

-- ---------------------------------------------------------------------------------------------------
-- What providers tell us
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE payment_events (
    id                 uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id             uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    payment_account_id uuid        NOT NULL,
    external_event_id  text        NOT NULL,
    event_type         text        NOT NULL,
    payload            jsonb       NOT NULL,
    status             text        NOT NULL DEFAULT 'received',
    received_at        timestamptz NOT NULL DEFAULT now(),
    processed_at       timestamptz,
    error              text,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT payment_events_org_id_payment_account_id_fkey FOREIGN KEY (org_id, payment_account_id)
        REFERENCES payment_accounts (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT payment_events_payment_account_id_external_event_id_key UNIQUE (payment_account_id, external_event_id),
    CONSTRAINT payment_events_status_check CHECK (status IN ('received', 'processed', 'ignored', 'failed')),
    CONSTRAINT payment_events_processed_at_check CHECK ((status = 'received') = (processed_at IS NULL)),
    CONSTRAINT payment_events_error_check CHECK ((status = 'failed') = (error IS NOT NULL))
);

COMMENT ON TABLE payment_events IS 'Webhooks of providers, stored first and processed later.';
COMMENT ON COLUMN payment_events.external_event_id IS 'The provider''s id of the event. Providers send events more than once; the second insert is a conflict.';
COMMENT ON COLUMN payment_events.event_type IS 'As the provider calls it, such as payment_intent.succeeded.';
COMMENT ON COLUMN payment_events.status IS 'ignored: understood, and nothing to do.';

CREATE INDEX payment_events_org_id_payment_account_id_idx ON payment_events (org_id, payment_account_id);
CREATE INDEX payment_events_received_idx ON payment_events (received_at) WHERE status = 'received';
CREATE INDEX payment_events_payload_idx ON payment_events USING gin (payload jsonb_path_ops);

CREATE TRIGGER payment_events_set_updated_at
    BEFORE UPDATE ON payment_events
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION set_updated_at();

ALTER TABLE payment_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment_events FORCE ROW LEVEL SECURITY;

CREATE POLICY payment_events_tenant_isolation ON payment_events
    USING (org_id = current_setting('app.current_org_id')::uuid)
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

-- ---------------------------------------------------------------------------------------------------
-- Ledger
-- ---------------------------------------------------------------------------------------------------

CREATE TABLE ledger_transactions (
    id              uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id          uuid        NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    account_id      uuid        NOT NULL REFERENCES accounts (id) ON DELETE RESTRICT,
    booking_id      uuid,
    payment_id      uuid,
    refund_id       uuid,
    payout_id       uuid,
    kind            text        NOT NULL,
    idempotency_key text        NOT NULL,
    description     text        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT ledger_transactions_org_id_booking_id_fkey FOREIGN KEY (org_id, booking_id)
        REFERENCES bookings (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT ledger_transactions_org_id_payment_id_fkey FOREIGN KEY (org_id, payment_id)
        REFERENCES payments (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT ledger_transactions_org_id_refund_id_fkey FOREIGN KEY (org_id, refund_id)
        REFERENCES refunds (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT ledger_transactions_org_id_payout_id_fkey FOREIGN KEY (org_id, payout_id)
        REFERENCES payouts (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT ledger_transactions_org_id_id_key UNIQUE (org_id, id),
    CONSTRAINT ledger_transactions_org_id_idempotency_key_key UNIQUE (org_id, idempotency_key),
    CONSTRAINT ledger_transactions_kind_check CHECK (kind IN ('booking', 'payment', 'refund', 'payout', 'stay_completed', 'correction')),
    CONSTRAINT ledger_transactions_source_check CHECK (
        CASE kind
            WHEN 'payment' THEN payment_id IS NOT NULL
            WHEN 'refund' THEN refund_id IS NOT NULL
            WHEN 'payout' THEN payout_id IS NOT NULL
            WHEN 'correction' THEN true
            ELSE booking_id IS NOT NULL
        END
    ),
    CONSTRAINT ledger_transactions_updated_at_check CHECK (updated_at = created_at)
);

COMMENT ON TABLE ledger_transactions IS 'One thing that happened to money, with the entries that say what. Append-only: mistakes are corrected by another transaction.';
COMMENT ON COLUMN ledger_transactions.account_id IS 'Who caused it.';
COMMENT ON COLUMN ledger_transactions.kind IS 'stay_completed: the guest has left, what was paid ahead is earned.';
COMMENT ON COLUMN ledger_transactions.idempotency_key IS 'Made from its source, such as payment/<id>, so that nothing is booked twice.';
COMMENT ON COLUMN ledger_transactions.updated_at IS 'Always created_at: the ledger does not change.';

CREATE INDEX ledger_transactions_org_id_booking_id_idx ON ledger_transactions (org_id, booking_id);
CREATE INDEX ledger_transactions_org_id_payment_id_idx ON ledger_transactions (org_id, payment_id);
CREATE INDEX ledger_transactions_org_id_refund_id_idx ON ledger_transactions (org_id, refund_id);
CREATE INDEX ledger_transactions_org_id_payout_id_idx ON ledger_transactions (org_id, payout_id);
CREATE INDEX ledger_transactions_account_id_idx ON ledger_transactions (account_id);

CREATE TRIGGER ledger_transactions_reject_change
    BEFORE UPDATE OR DELETE ON ledger_transactions
    FOR EACH ROW
    EXECUTE FUNCTION reject_change();

CREATE TRIGGER ledger_transactions_reject_truncate
    BEFORE TRUNCATE ON ledger_transactions
    FOR EACH STATEMENT
    EXECUTE FUNCTION reject_change();

ALTER TABLE ledger_transactions ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_transactions FORCE ROW LEVEL SECURITY;

CREATE POLICY ledger_transactions_tenant_read ON ledger_transactions
    FOR SELECT
    USING (org_id = current_setting('app.current_org_id')::uuid);

CREATE POLICY ledger_transactions_tenant_insert ON ledger_transactions
    FOR INSERT
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE TABLE ledger_entries (
    id                    uuid          PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id                uuid          NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    ledger_transaction_id uuid          NOT NULL,
    ledger_account        text          NOT NULL,
    amount                numeric(14,2) NOT NULL,
    currency              char(3)       NOT NULL,
    created_at            timestamptz   NOT NULL DEFAULT now(),
    updated_at            timestamptz   NOT NULL DEFAULT now(),

    CONSTRAINT ledger_entries_org_id_ledger_transaction_id_fkey FOREIGN KEY (org_id, ledger_transaction_id)
        REFERENCES ledger_transactions (org_id, id) ON DELETE RESTRICT,
    CONSTRAINT ledger_entries_ledger_account_check CHECK (ledger_account IN ('guest_receivable', 'provider_balance', 'bank', 'prepaid_stays', 'rental_revenue', 'fee_revenue', 'taxes_payable', 'provider_fees', 'goodwill')),
    CONSTRAINT ledger_entries_amount_check CHECK (amount <> 0),
    CONSTRAINT ledger_entries_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT ledger_entries_updated_at_check CHECK (updated_at = created_at)
);

COMMENT ON TABLE ledger_entries IS 'The sides of a ledger transaction; in each currency they add up to zero. Append-only.';
COMMENT ON COLUMN ledger_entries.ledger_account IS 'Account in the books; not to be mixed up with accounts, who are actors.';
COMMENT ON COLUMN ledger_entries.amount IS 'Positive is debit, negative is credit.';
COMMENT ON COLUMN ledger_entries.updated_at IS 'Always created_at: the ledger does not change.';

CREATE INDEX ledger_entries_org_id_ledger_transaction_id_idx ON ledger_entries (org_id, ledger_transaction_id);
CREATE INDEX ledger_entries_org_id_ledger_account_created_at_idx ON ledger_entries (org_id, ledger_account, created_at);

CREATE TRIGGER ledger_entries_reject_change
    BEFORE UPDATE OR DELETE ON ledger_entries
    FOR EACH ROW
    EXECUTE FUNCTION reject_change();

CREATE TRIGGER ledger_entries_reject_truncate
    BEFORE TRUNCATE ON ledger_entries
    FOR EACH STATEMENT
    EXECUTE FUNCTION reject_change();

ALTER TABLE ledger_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_entries FORCE ROW LEVEL SECURITY;

CREATE POLICY ledger_entries_tenant_read ON ledger_entries
    FOR SELECT
    USING (org_id = current_setting('app.current_org_id')::uuid);

CREATE POLICY ledger_entries_tenant_insert ON ledger_entries
    FOR INSERT
    WITH CHECK (org_id = current_setting('app.current_org_id')::uuid);

CREATE FUNCTION check_ledger_balance() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = ''
AS $$
DECLARE
    difference record;
BEGIN
    SELECT e.currency, sum(e.amount) AS amount INTO difference
    FROM public.ledger_entries e
    WHERE e.org_id = NEW.org_id AND e.ledger_transaction_id = NEW.ledger_transaction_id
    GROUP BY e.currency
    HAVING sum(e.amount) <> 0
    LIMIT 1;

    IF FOUND THEN
        RAISE EXCEPTION 'ledger transaction % does not balance: % % left over', NEW.ledger_transaction_id, difference.amount, difference.currency
            USING ERRCODE = 'check_violation';
    END IF;

    RETURN NULL;
END;
$$;

COMMENT ON FUNCTION check_ledger_balance() IS 'Debits equal credits, in each currency.';

-- Deferred: the first of two entries cannot balance.
CREATE CONSTRAINT TRIGGER ledger_entries_check_balance
    AFTER INSERT ON ledger_entries
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW
    EXECUTE FUNCTION check_ledger_balance();

-- ---------------------------------------------------------------------------------------------------
-- Views
-- ---------------------------------------------------------------------------------------------------

-- A view reads with the rights of its owner, who may have BYPASSRLS: it filters the tenant itself.
CREATE VIEW booking_balances WITH (security_barrier = true) AS
SELECT
    b.org_id,
    b.id AS booking_id,
    b.status,
    b.currency,
    b.total_amount,
    coalesce(p.paid_amount, 0) AS paid_amount,
    coalesce(r.refunded_amount, 0) AS refunded_amount,
    b.total_amount - coalesce(p.paid_amount, 0) + coalesce(r.refunded_amount, 0) AS due_amount
FROM bookings b
    LEFT JOIN LATERAL (
        SELECT sum(x.amount) AS paid_amount
        FROM payments x
        WHERE x.org_id = b.org_id
            AND x.booking_id = b.id
            AND x.currency = b.currency
            AND x.status = 'succeeded'
    ) p ON true
    LEFT JOIN LATERAL (
        SELECT sum(y.amount) AS refunded_amount
        FROM refunds y
            JOIN payments x ON x.org_id = y.org_id AND x.id = y.payment_id
        WHERE x.org_id = b.org_id
            AND x.booking_id = b.id
            AND y.currency = b.currency
            AND y.status = 'succeeded'
    ) r ON true
WHERE b.org_id = current_setting('app.current_org_id')::uuid
    AND b.total_amount IS NOT NULL;

COMMENT ON VIEW booking_balances IS 'What the guests of the current tenant have paid and still owe. Payments in another currency than the booking''s are left to a person.';
COMMENT ON COLUMN booking_balances.due_amount IS 'The total less what was paid and not given back. Negative is owed to the guest. A cancellation or a goodwill refund lowers the total by an adjustment line, or it would be due again.';

-- ---------------------------------------------------------------------------------------------------
-- Seed data
-- ---------------------------------------------------------------------------------------------------

INSERT INTO accounts (id, kind, display_name) VALUES
    ('00000000-0000-4000-8000-000000004004', 'service', 'Payments')
ON CONFLICT (id) DO UPDATE
    SET kind = excluded.kind,
        display_name = excluded.display_name;

INSERT INTO permissions (id, code, description) VALUES
    ('00000000-0000-4000-8000-000000002021', 'payments.read',   'See payments, refunds and payouts.'),
    ('00000000-0000-4000-8000-000000002022', 'payments.charge', 'Take payments.'),
    ('00000000-0000-4000-8000-000000002023', 'payments.refund', 'Give money back.'),
    ('00000000-0000-4000-8000-000000002024', 'ledger.read',     'See the ledger.')
ON CONFLICT (id) DO UPDATE
    SET code = excluded.code,
        description = excluded.description;

INSERT INTO role_permissions (id, role_id, permission_id)
SELECT md5('role_permissions/' || r.code || '/' || p.code)::uuid, r.id, p.id
FROM roles r
    JOIN permissions p ON CASE p.code
        WHEN 'payments.read'   THEN r.code IN ('owner', 'admin', 'manager', 'finance')
        WHEN 'payments.charge' THEN r.code IN ('owner', 'admin', 'manager', 'finance')
        WHEN 'payments.refund' THEN r.code IN ('owner', 'admin', 'finance')
        WHEN 'ledger.read'     THEN r.code IN ('owner', 'admin', 'finance')
        ELSE false
    END
ON CONFLICT (role_id, permission_id) DO NOTHING;
