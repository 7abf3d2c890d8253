-- What the card network answered. A payment is settled once.
CREATE TABLE settlements (
    payment_id        uuid        PRIMARY KEY REFERENCES payments (id),
    status            text        NOT NULL CHECK (status IN ('settled', 'declined')),
    network_reference text        NOT NULL,
    settled_at        timestamptz NOT NULL DEFAULT now()
);
