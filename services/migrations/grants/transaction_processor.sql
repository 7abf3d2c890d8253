-- Works the outbox off, writes settlements, and changes nothing of a payment but its status.
GRANT SELECT, UPDATE (status) ON payments TO transaction_processor;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO transaction_processor;
GRANT SELECT, INSERT ON settlements TO transaction_processor;
