package checks

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

const secretType = "AWS::SecretsManager::Secret"

// secretPart takes apart what ValueFrom names: a secret and the key in its value, or "" for all of it.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
func secretPart(text string) (secret, key string) {
	colons := 1
	if strings.HasPrefix(text, "arn:") {
		colons = 7
	}
	parts := strings.SplitN(text, ":", colons+2)
	if len(parts) <= colons {
		return text, ""
	}
	return strings.Join(parts[:colons], ":"), parts[colons]
}

// credentials are the keys of the secrets that RDS makes, and of those that say so.
var credentials = []string{"password", "username"}

// secretKeys are the keys of the values that the templates know of, by secret.
func (w *World) secretKeys() map[string][]string {
	known := map[string][]string{}
	for _, s := range w.Identity().secrets() {
		known[s.arn] = credentials
		if s.resource.Type == secretType {
			known[s.arn] = generatedKeys(s.resource)
			known[s.resource.Identity()] = known[s.arn]
		}
	}
	return known
}

// generatedKeys are the keys of what Secrets Manager makes for a secret.
func generatedKeys(r *Resource) []string {
	var template map[string]any
	if json.Unmarshal([]byte(r.At("GenerateSecretString.SecretStringTemplate").String()), &template) != nil {
		return nil
	}
	return append(slices.Sorted(maps.Keys(template)), r.At("GenerateSecretString.GenerateStringKey").Texts()...)
}

func checkWholeCredentials(w *World, l *Looking) {
	keys := w.secretKeys()
	for _, c := range w.containers() {
		seen := map[string]bool{}
		for _, path := range expandPath(c.value, "Secrets[*]") {
			l.Look()
			name := c.value.At(path + ".Name")
			if name.String() == "" || seen[name.String()] {
				l.FailUnlessExcused(c.task, c.path+"."+path+".Name", name, "a name of its own", "name the variable")
			}
			seen[name.String()] = true
		}
		for _, parts := range c.injectedParts() {
			for _, key := range credentials {
				if slices.Contains(keys[parts.secret], key) && !slices.Contains(parts.keys, key) {
					l.FailUnlessExcused(c.task, c.path+".Secrets", Text(strings.Join(parts.keys, ", ")+" without "+key), key+" of the same secret", "inject it as well: both change together")
				}
			}
		}
	}
}

// leastPassword is the length of a password of letters and digits that cannot be guessed: 95 bits.
const leastPassword = 16

// checkGenerated: what a template holds is no secret, and what nobody fills in is none either.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
func checkGenerated(w *World, l *Looking) {
	const generate = "GenerateSecretString"
	for _, r := range w.OfType(secretType) {
		if r.At("SecretString").Exists() {
			continue
		}
		l.Look()
		if v := r.At(generate); len(v.List()) == 0 || v.Unknown() == "" && len(v.Keys()) == 0 {
			l.FailUnlessExcused(r, generate, v, "a value that Secrets Manager makes", "set "+generate)
			continue
		}
		if v := r.At(generate + ".PasswordLength"); v.Exists() && !v.between(leastPassword, 4096) {
			l.FailUnlessExcused(r, generate+".PasswordLength", v, "at least 16 characters", "make it longer")
		}
		l.generated(r, r.At(generate+".SecretStringTemplate"), r.At(generate+".GenerateStringKey"))
	}
}

// generated wants the template of a secret and the key that it lacks together, and no password in the template.
func (l *Looking) generated(r *Resource, text, key Value) {
	const generate = "GenerateSecretString."
	var template map[string]any
	switch {
	case !text.Exists() && !key.Exists():
	case key.String() == "":
		l.FailUnlessExcused(r, generate+"GenerateStringKey", key, "the key of what is generated", "name the key")
	case json.Unmarshal([]byte(text.String()), &template) != nil:
		l.FailUnlessExcused(r, generate+"SecretStringTemplate", text, "an object in JSON", "write what stands beside the password")
	default:
		for name := range template {
			if lower := strings.ToLower(name); name == key.String() || strings.Contains(lower, "password") || strings.Contains(lower, "secret") {
				l.FailUnlessExcused(r, generate+"SecretStringTemplate", text, "nothing secret: templates are read by many", "take "+name+" out")
			}
		}
	}
}
