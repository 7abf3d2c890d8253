package settlement

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// declinedTokens begin like this in the sandbox.
const declinedTokens = "tok_decline"

// Sandbox stands in for a card network: it declines the tokens that begin with tok_decline and settles all others. It
// keeps nothing, since its answer follows from the payment; a real network is told the payment's id as idempotency key.
type Sandbox struct{}

var _ CardNetwork = Sandbox{}

// Settle implements CardNetwork.
func (Sandbox) Settle(_ context.Context, payment Payment) (Result, error) {
	digest := sha256.Sum256(payment.ID[:])
	result := Result{Status: Settled, Reference: "sandbox-" + hex.EncodeToString(digest[:8])}
	if strings.HasPrefix(payment.CardToken, declinedTokens) {
		result.Status = Declined
	}
	return result, nil
}
