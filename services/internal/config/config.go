// Package config reads a program's environment variables and names every fault
// of them at once.
package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tierform/tierform/services/internal/secret"
)

// ExitCode is what a program with a faulty environment ends with: EX_CONFIG of
// sysexits.h, so that the stopped task's exit code tells it from a crash.
const ExitCode = 78

// Lookup finds an environment variable; os.LookupEnv is one.
type Lookup func(name string) (string, bool)

// Reader reads variables. A faulty one gives a zero value and a fault, which
// Err tells.
type Reader struct {
	lookup Lookup
	faults []error
}

// NewReader reads variables through lookup.
func NewReader(lookup Lookup) *Reader { return &Reader{lookup: lookup} }

// Err is nil, or holds every fault met so far.
func (r *Reader) Err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return fmt.Errorf("the environment of this program is not complete; correct the task definition: %w", errors.Join(r.faults...))
}

// Fault records that a variable is wrong. The sentence must not hold its value.
func (r *Reader) Fault(name, sentence string) {
	r.faults = append(r.faults, fmt.Errorf("%s %s", name, sentence))
}

// String is a variable that must be set and not empty.
func (r *Reader) String(name string) string {
	value, ok := r.lookup(name)
	if !ok || strings.TrimSpace(value) == "" {
		r.Fault(name, "is not set")
		return ""
	}
	return value
}

// Optional is a variable, or the fallback where it is not set or empty.
func (r *Reader) Optional(name, fallback string) string {
	if value, ok := r.lookup(name); ok && value != "" {
		return value
	}
	return fallback
}

// Secret is a variable whose value must never be printed.
func (r *Reader) Secret(name string) secret.Text { return secret.NewText(r.String(name)) }

// OneOf is a variable with one of a few values.
func (r *Reader) OneOf(name string, allowed ...string) string {
	value := r.String(name)
	if value == "" || slices.Contains(allowed, value) {
		return value
	}
	r.Fault(name, "must be "+strings.Join(allowed, " or "))
	return ""
}

// Int is a whole number within bounds.
func (r *Reader) Int(name string, least, most int) int {
	text := r.String(name)
	if text == "" {
		return 0
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < least || value > most {
		r.Fault(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
		return 0
	}
	return value
}

// Port is a TCP port.
func (r *Reader) Port(name string) int { return r.Int(name, 1, 65535) }

// Duration is a length of time above zero, as "90s".
func (r *Reader) Duration(name string) time.Duration {
	text := r.String(name)
	if text == "" {
		return 0
	}
	value, err := time.ParseDuration(text)
	if err != nil || value <= 0 {
		r.Fault(name, "must be a length of time such as 90s")
		return 0
	}
	return value
}

// URL is the base address of another part, as "http://127.0.0.1:9102".
func (r *Reader) URL(name string) *url.URL {
	text := r.String(name)
	if text == "" {
		return &url.URL{}
	}
	value, err := url.Parse(text)
	if err != nil || (value.Scheme != "http" && value.Scheme != "https") || value.Host == "" || value.User != nil {
		r.Fault(name, "must be an address such as http://127.0.0.1:9102")
		return &url.URL{}
	}
	return value
}
