// Package payment takes payments: each once, however often it is sent.
package payment

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/tierform/tierform/services/internal/logging"
)

// Accepted is the status of a payment that is kept and will be settled.
const Accepted = "accepted"

// Bounds of a request.
const (
	MaxAmount    = 9_999_999_999 // in minor units; ten digits cannot be a card number
	MaxReference = 140           // characters; the remittance information of ISO 20022
	MaxKey       = 200
)

// Request is the body of POST /payments.
type Request struct {
	Amount    int64  `json:"amount"`     // in the currency's minor unit, as cents
	Currency  string `json:"currency"`   // ISO 4217, as EUR
	CardToken string `json:"card_token"` // of the provider that keeps the card
	Reference string `json:"reference"`  // of the customer
}

// Payment is a request that was taken.
type Payment struct {
	ID             uuid.UUID
	IdempotencyKey string
	Digest         [sha256.Size]byte // of the request
	Request        Request
	Status         string
	CreatedAt      time.Time
}

// ErrUnknown is returned for a payment that does not exist.
var ErrUnknown = errors.New("there is no such payment")

// Store keeps payments.
type Store interface {
	// Create keeps the payment together with its hand-over for settling, unless
	// its key is taken already. It gives the payment that is then kept under the
	// key: this one, or the earlier one.
	Create(ctx context.Context, payment Payment) (Payment, error)
	// Find gives a payment, or ErrUnknown.
	Find(ctx context.Context, id uuid.UUID) (Payment, error)
}

// New makes a payment of a valid request.
func New(key string, request Request) (Payment, error) {
	// Version 7 begins with the time, so that the primary key's index grows at
	// one end (RFC 9562, section 6.13).
	id, err := uuid.NewV7()
	if err != nil {
		return Payment{}, fmt.Errorf("make the payment's id: %w", err)
	}
	text, err := json.Marshal(request)
	if err != nil {
		return Payment{}, fmt.Errorf("make the payment's digest: %w", err)
	}
	return Payment{ID: id, IdempotencyKey: key, Digest: sha256.Sum256(text), Request: request, Status: Accepted}, nil
}

// ErrCardNumber says that a request holds what looks like a card number.
var ErrCardNumber = errors.New("a field holds what looks like a card number; send the provider's token, and an Idempotency-Key such as a UUID")

var (
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
	token    = regexp.MustCompile(`^tok_[A-Za-z0-9_-]{1,200}$`)
)

// Validate names every fault of a request; what it says holds nothing of it.
func Validate(key string, request Request) error {
	for _, text := range []string{key, request.Currency, request.CardToken, request.Reference} {
		if logging.ContainsCardNumber(text) {
			return ErrCardNumber
		}
	}
	checks := []struct {
		good     bool
		sentence string
	}{
		{len(key) <= MaxKey && printable(key), "the header Idempotency-Key must have 1 to 200 printable characters"},
		{request.Amount >= 1 && request.Amount <= MaxAmount, "amount must be from 1 to 9999999999, in the currency's minor unit"},
		{currency.MatchString(request.Currency), "currency must be three capital letters, as EUR"},
		{token.MatchString(request.CardToken), "card_token must be the provider's token, as tok_1a2B"},
		{utf8.RuneCountInString(request.Reference) <= MaxReference && printable(request.Reference), "reference must have 1 to 140 printable characters"},
	}
	var faults []string
	for _, check := range checks {
		if !check.good {
			faults = append(faults, check.sentence)
		}
	}
	if len(faults) > 0 {
		return errors.New(strings.Join(faults, "; "))
	}
	return nil
}

// printable also keeps out what PostgreSQL's text cannot hold.
func printable(text string) bool {
	return strings.TrimSpace(text) != "" && utf8.ValidString(text) &&
		!strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
