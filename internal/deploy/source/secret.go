package source

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/tierform/tierform/internal/deploy/fault"
)

// secretWords are words of a parameter's name that say that it holds a secret: one alone, or two one after the other.
func secretWords() []string {
	return []string{"password", "passwd", "passphrase", "pwd", "secret", "token", "credential", "credentials", "apikey",
		"api key", "access key", "private key", "signing key", "auth key", "pass phrase", "pass word"}
}

// describing words make of it something about a secret, as the last word of the name: an ARN, a length, a file.
func describing() []string {
	return []string{"arn", "arns", "name", "names", "id", "ids", "alias", "path", "prefix", "suffix", "parameter", "version", "length", "days", "hours", "minutes", "seconds", "schedule",
		"rotation", "policy", "ttl", "expiry", "expiration", "url", "uri", "endpoint", "issuer", "audience", "enabled", "disabled", "count", "type", "characters", "usage", "retention", "file"}
}

// tokens are values that are secrets by their form: access keys of AWS (IAM User Guide, "Unique identifiers"), private keys, tokens of
// GitHub and Slack.
var tokens = regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22}|\bxox[abeoprs]-[A-Za-z0-9-]{10}`)

// exposes refuses a secret in a parameter that CloudFormation shows to everybody who may describe the stack. The value is never quoted.
func (p Parameter) exposes(value, origin string) error {
	if p.NoEcho || value == "" {
		return nil
	}
	what := ""
	switch {
	case tokens.MatchString(value):
		what = "parameter " + p.Name + " would show a secret: the value is a key or a token, and the parameter is not NoEcho"
	case p.holdsSecret() && !refers(value):
		what = "parameter " + p.Name + " would show a secret: its name says so, and it is not NoEcho"
	default:
		return nil
	}
	return &fault.Error{Code: fault.Usage, What: origin + ": " + what, Allowed: "the ARN or the name of a secret in Secrets Manager, or {{resolve:secretsmanager:…}}",
		Do: "put the secret into Secrets Manager and let the template refer to it; one that was in a file is known to whoever can read the file: change it"}
}

// holdsSecret tells by a parameter's name and type whether it takes a secret. Choices, numbers and names of Systems Manager parameters are
// none.
func (p Parameter) holdsSecret() bool {
	if len(p.AllowedValues) > 0 || p.Type == "Number" || strings.HasPrefix(p.Type, "AWS::") {
		return false
	}
	return NamesSecret(p.Name)
}

// NamesSecret tells whether a name says that it stands for a secret, and not for something about one: MasterUserPassword and SecretAccessKey
// do, SecretArn does not.
func NamesSecret(name string) bool {
	found, before := false, ""
	for _, word := range words(name) {
		found = found || slices.Contains(secretWords(), word) || slices.Contains(secretWords(), before+" "+word)
		before = word
	}
	return found && !slices.Contains(describing(), before)
}

// refers tells a value that only says where the secret is.
func refers(value string) bool {
	return strings.HasPrefix(value, "arn:") || strings.HasPrefix(value, "{{resolve:")
}

// words are those of a name in camel case, in lower case: DBPassword is db and password.
func words(name string) []string {
	var all []string
	runes, start := []rune(name), 0
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || unicode.IsUpper(runes[i]) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			all = append(all, strings.ToLower(string(runes[start:i])))
			start = i
		}
	}
	return all
}
