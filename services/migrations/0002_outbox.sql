-- Hand-over between services: a row is written in the transaction that makes the work necessary, and deleted in the one
-- that finishes it.
CREATE TABLE outbox (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text        NOT NULL CHECK (topic IN ('settle', 'notify')),
    payment_id   uuid        NOT NULL REFERENCES payments (id),
    payload      jsonb       NOT NULL DEFAULT '{}',
    -- W3C trace context of the request that wrote the row; empty when it was not traced.
    traceparent  text        NOT NULL DEFAULT '',
    attempts     int         NOT NULL DEFAULT 0,
    available_at timestamptz NOT NULL DEFAULT now(),
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (topic, payment_id)
);

-- The order in which rows are claimed.
CREATE INDEX outbox_waiting ON outbox (topic, available_at, id);
