package changeset

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
)

// secretive tells whether an expression, in any of the stack's two templates, is made of a secret: of a NoEcho parameter, of a value
// that CloudFormation resolves from a secret, or of a resource that one goes into and that may repeat it.
func (l *level) secretive(expression any) bool { return l.exposure(expression) >= likely }

// masks tells whether the values of a resource's property must not be shown. Those of unknown templates are not.
func (l *level) masks(id, typ, property string) bool {
	if strings.HasPrefix(typ, "AWS::SecretsManager::") || l.now == nil && l.was == nil {
		return true
	}
	for _, t := range []*source.Template{l.now, l.was} {
		r, is := resources(t)[id]
		if value, has := r.Properties[property]; is && has && l.secretive(value) {
			return true
		}
		if _, has := r.Properties[property]; is && !has && property == "" && l.secretive(r.Properties) {
			return true
		}
	}
	return false
}

// shortest is the length from which a secret is looked for inside other texts; shorter ones are in too many.
const shortest = 4

// known are the secret values that the command can see, longest first: those given, and those that a change set shows in clear.
func (t *tree) known() []string {
	found := map[string]bool{}
	for _, given := range t.given {
		if given.Secret {
			found[given.Value] = true
		}
	}
	t.root.eachLevel(func(l *level) {
		if l.set == nil {
			return
		}
		for name, value := range l.set.Parameters {
			if !unknown(value) && l.referenceExposure(name, "") >= likely {
				found[value] = true
			}
		}
	})
	secrets := slices.DeleteFunc(sorted(found), func(s string) bool { return len(s) < shortest || s == report.Masked })
	slices.SortStableFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	return secrets
}

// redact replaces known secrets in a text.
func redact(text string, secrets []string) string {
	for _, secret := range secrets {
		text = strings.ReplaceAll(text, secret, report.Masked)
	}
	return text
}

// secretsOf are the values of a request that must not be shown.
func (r Request) secretsOf() []string {
	var secrets []string
	for _, name := range sorted(r.Parameters) {
		if given := r.Parameters[name]; given.Secret && len(given.Value) >= shortest {
			secrets = append(secrets, given.Value)
		}
	}
	slices.SortStableFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	return secrets
}

// A redacted error says what another one does, without the secrets in it.
type redacted struct {
	error
	secrets []string
}

func (r redacted) Error() string { return redact(r.error.Error(), r.secrets) }

// Unwrap keeps the error's kind.
func (r redacted) Unwrap() error { return r.error }

// text is a field's, without known secrets.
func (t *tree) text(s *string) string { return redact(aws.ToString(s), t.secrets) }

// eachLevel visits a level and those below it.
func (l *level) eachLevel(visit func(*level)) {
	visit(l)
	for _, id := range sorted(l.nested) {
		l.nested[id].eachLevel(visit)
	}
}
