package logging

import (
	"encoding/json"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
)

// masked stands where a card number was.
const masked = "[card number]"

// identifiers finds UUIDs and trace ids, whose digits are no card number
// however they fall; one of digits only is not exempt.
var identifiers = regexp.MustCompile(`(?i)\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32})\b`)

// ContainsCardNumber reports whether text holds 13 to 19 digits, with spaces or
// dashes between them or without, that pass the Luhn check (ISO/IEC 7812-1).
func ContainsCardNumber(text string) bool { return MaskCardNumbers(text) != text }

// MaskCardNumbers replaces everything that looks like a card number.
func MaskCardNumbers(text string) string {
	if !strings.ContainsAny(text, "0123456789") {
		return text
	}
	var out strings.Builder
	for text != "" {
		span := identifiers.FindStringIndex(text)
		if span == nil {
			break
		}
		found := text[span[0]:span[1]]
		if !strings.ContainsAny(found, "abcdefABCDEF") {
			found = maskDigits(found)
		}
		out.WriteString(maskDigits(text[:span[0]]))
		out.WriteString(found)
		text = text[span[1]:]
	}
	out.WriteString(maskDigits(text))
	return out.String()
}

// The lengths of card numbers (ISO/IEC 7812-1).
const shortest, longest = 13, 19

// maskDigits masks the longest card number that begins at each group of digits.
func maskDigits(text string) string {
	var out strings.Builder
	for text != "" {
		group := groupLength(text)
		switch end := cardEnd(text); {
		case group == 0:
			out.WriteByte(text[0])
			text = text[1:]
		case group > longest:
			out.WriteString(maskWithin(text[:group]))
			text = text[group:]
		case end > 0:
			out.WriteString(masked)
			text = text[end:]
		default:
			out.WriteString(text[:group])
			text = text[group:]
		}
	}
	return out.String()
}

// groupLength is how many digits text begins with.
func groupLength(text string) int {
	for i := range len(text) {
		if !isDigit(text[i]) {
			return i
		}
	}
	return len(text)
}

// cardEnd is how many bytes the longest card number takes that begins with text
// and is made of whole groups, with one space or dash between two; or 0. A part
// of a group does not count: one in ten would pass the check by chance.
func cardEnd(text string) int {
	var digits []byte
	end, found := 0, 0
	for {
		group := groupLength(text[end:])
		if group == 0 || len(digits)+group > longest {
			return found
		}
		digits = append(digits, text[end:end+group]...)
		end += group
		if len(digits) >= shortest && luhn(digits) {
			found = end
		}
		if end == len(text) || !isSeparator(text[end]) {
			return found
		}
		end++
	}
}

// maskWithin masks card numbers inside of a group too long to be one.
func maskWithin(group string) string {
	for start := 0; start+shortest <= len(group); start++ {
		for end := min(start+longest, len(group)); end >= start+shortest; end-- {
			if luhn([]byte(group[start:end])) {
				return group[:start] + masked + maskWithin(group[end:])
			}
		}
	}
	return group
}

func isDigit(c byte) bool     { return c >= '0' && c <= '9' }
func isSeparator(c byte) bool { return c == ' ' || c == '-' }

// luhn is the check of ISO/IEC 7812-1, annex B. Zeros alone are no card.
func luhn(digits []byte) bool {
	sum, some := 0, false
	for i := range digits {
		value := int(digits[len(digits)-1-i] - '0')
		some = some || value != 0
		if i%2 == 1 {
			if value *= 2; value > 9 {
				value -= 9
			}
		}
		sum += value
	}
	return some && sum%10 == 0
}

func maskAttr(a slog.Attr) slog.Attr {
	return slog.Attr{Key: MaskCardNumbers(a.Key), Value: maskValue(a.Value.Resolve())}
}

// maskValue masks what can hold digits of a card: times, lengths of time and
// truth values cannot.
func maskValue(v slog.Value) slog.Value {
	switch v.Kind() {
	case slog.KindBool, slog.KindTime, slog.KindDuration:
		return v
	case slog.KindString:
		return slog.StringValue(MaskCardNumbers(v.String()))
	case slog.KindGroup:
		attrs := make([]slog.Attr, 0, len(v.Group()))
		for _, a := range v.Group() {
			attrs = append(attrs, maskAttr(a))
		}
		return slog.GroupValue(attrs...)
	case slog.KindAny:
		return maskAny(v.Any())
	case slog.KindFloat64:
		return maskNumber(v, strconv.FormatFloat(v.Float64(), 'f', -1, 64))
	default:
		return maskNumber(v, v.String())
	}
}

func maskNumber(v slog.Value, text string) slog.Value {
	if ContainsCardNumber(text) {
		return slog.StringValue(masked)
	}
	return v
}

// maskAny turns a value into what the JSON handler would write of it, masked.
func maskAny(value any) slog.Value {
	switch value := value.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(MaskCardNumbers(value.Error()))
	case []byte:
		return slog.StringValue(MaskCardNumbers(string(value)))
	}
	text, err := json.Marshal(value)
	if err != nil {
		return slog.StringValue("[cannot be written]")
	}
	if clean := MaskCardNumbers(string(text)); clean != string(text) {
		return slog.StringValue(clean)
	}
	return slog.AnyValue(json.RawMessage(text))
}
