// Package secret holds what must not be printed, and reads it from AWS
// Secrets Manager.
package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// Text is a secret. However it is formatted, logged or marshalled, it shows
// nothing of its value; only Reveal gives it.
type Text struct{ value string }

// NewText wraps a secret.
func NewText(value string) Text { return Text{value: value} }

// Reveal returns the secret itself, for the one place that needs it.
func (t Text) Reveal() string { return t.value }

// Format implements fmt.Formatter, so that every verb, %#v too, is covered.
func (t Text) Format(s fmt.State, _ rune) { _, _ = s.Write([]byte(redacted)) }

// String implements fmt.Stringer.
func (t Text) String() string { return redacted }

// LogValue implements slog.LogValuer.
func (t Text) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// Credentials are what a database role logs in with.
type Credentials struct {
	Username string
	Password Text
}
