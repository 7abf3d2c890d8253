-- Takes payments and hands them over; reads nothing of what others write but a payment's status.
GRANT SELECT, INSERT ON payments TO payment_api;
GRANT INSERT ON outbox TO payment_api;
