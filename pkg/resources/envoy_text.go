package resources

import (
	"encoding/json"
	"strings"
)

// The marks around a reference token: text that stands for a value known only when the template is deployed. They are Unicode
// noncharacters, so no real text has them.
const (
	sidecarTokenOpen  = '\uFDD0'
	sidecarTokenClose = '\uFDD1'
)

// sidecarPlain replaces each reference token by one letter, so that the text around it can be checked. A mark without its
// partner stays, and then no form fits.
func sidecarPlain(text string) string {
	var plain strings.Builder
	depth := 0
	for _, char := range text {
		switch {
		case char == sidecarTokenOpen:
			depth++
		case char == sidecarTokenClose && depth > 0:
			if depth--; depth == 0 {
				plain.WriteByte('x')
			}
		case depth == 0:
			plain.WriteRune(char)
		}
	}
	if depth > 0 {
		plain.WriteRune(sidecarTokenOpen)
	}
	return plain.String()
}

// sidecarJSON writes a value as one line of JSON in the order of its fields, with <, > and & as they are.
func sidecarJSON(value any) (string, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return strings.TrimSuffix(out.String(), "\n"), err
}

// sidecarDefault is the value, or the fallback where the value is zero.
func sidecarDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
