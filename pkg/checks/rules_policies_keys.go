package checks

import (
	_ "embed"
	"strings"
)

//go:embed policies_keys.txt
var policyKeysText string

// checkKeyNeeds: each key that the templates declare lets somebody make and use what it encrypts. Whoever that is needs a
// permission of their own as well, if the key's policy leaves it to the account.
func checkKeyNeeds(w *World, l *Looking) {
	c := newChain(w, l)
	for _, row := range tableRows(policyKeysText) {
		for _, r := range w.OfType(row[0]) {
			for _, at := range placeOf(r).each(row[1]) {
				if key := c.id.declared[c.id.target(at.value)]; at.value.Exists() && key != nil {
					l.Look()
					c.asks(at, arnOf(key), row)
				}
			}
		}
	}
}

// asks asks a key's policy for the actions of a row of the table.
func (c chain) asks(at place, key string, row []string) {
	context := map[string][]string{"kms:viaservice": {c.via(row[2])}, "kms:calleraccount": {c.id.account}, "kms:grantisforawsresource": {"true"}}
	if row[3] != "-" {
		context[strings.ToLower("kms:EncryptionContext:"+row[3])] = []string{arnOf(at.resource)}
	}
	for _, action := range strings.Split(row[4], ",") {
		answer := impossible()
		for _, p := range c.id.on[key] {
			for _, s := range p.Statements {
				if s.allows() && s.namesAccount(c.id.account) {
					answer = either(answer, s.covers(question{action: action, resource: key, context: context}))
				}
			}
		}
		needed := "somebody of the account may " + action + " with the key by way of " + c.via(row[2])
		switch {
		case answer.tri == No:
			c.l.FailText(at.resource, at.path, "the key's policy lets nobody "+action, needed, "allow it in the key's policy")
		case answer.unknown:
			c.l.Unsure(at.resource, at.path, needed, answer.why)
		}
	}
}
