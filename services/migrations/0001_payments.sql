-- Payments that were taken. There is no column for a card number: only the provider's token is kept.
CREATE TABLE payments (
    id              uuid        PRIMARY KEY,
    idempotency_key text        NOT NULL UNIQUE,
    -- SHA-256 of the request: tells a repeated request from another one under the same key.
    request_digest  bytea       NOT NULL CHECK (octet_length(request_digest) = 32),
    -- In the currency's minor unit, as cents.
    amount          bigint      NOT NULL CHECK (amount > 0),
    currency        char(3)     NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    card_token      text        NOT NULL,
    reference       text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('accepted', 'settled', 'declined')),
    created_at      timestamptz NOT NULL DEFAULT now()
);
