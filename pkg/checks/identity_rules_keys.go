package checks

import (
	_ "embed"
	"slices"
	"strings"
)

// keyUseActions use a key; others only administer or describe it.
func keyUseActions() []string {
	return []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom",
		"kms:ReEncryptTo", "kms:CreateGrant"}
}

// isOfKey tells whether a policy is a key policy.
func (p *Policy) isOfKey() bool { return p.Source.Type == "AWS::KMS::Key" }

// checkKeyAccount holds statements for the account as a whole, which leave the decision to anybody's identity policies, to
// administration. (KMS Developer Guide, allows access to the AWS account and enables IAM policies.)
func checkKeyAccount(w *World, l *Looking) {
	const needed = "use of the key by named roles: an ARN as principal, or a condition on aws:PrincipalArn"
	everyAllowIn(w, l, needed, func(s *Statement) {
		l.Look()
		unsureOf(l, s, needed, s.Actions)
		if slices.Contains(s.Principals, anybody()) {
			l.FailText(s.Policy.Source, s.Path+".Principal", "anybody", needed, "name the account, so that identity policies have a say, or the role")
			return
		}
		wide := slices.ContainsFunc(s.Principals, Principal.isAccount)
		if !wide || !s.touches(keyUseActions()...) || s.narrowed("aws:PrincipalArn") {
			return
		}
		path := s.Path + ".Principal"
		if !s.Policy.Source.At("KeyPolicy").Exists() {
			path = "KeyPolicy" // KMS gives it the default policy
		}
		key := noExcuse
		if s.narrowed("kms:ViaService") && s.narrowed("kms:CallerAccount") {
			key = "Exemptions"
		}
		fault(l, s, key, path, s.Principals[0].ID+" may use the key, "+conditionsShown(s), needed, "leave the account the actions that administer, or add ArnLike aws:PrincipalArn")
	}, (*Policy).isOfKey)
}

// checkKeyContext holds the use of keys by roles to requests that come by way of a service, and to what that service
// encrypts. (KMS Developer Guide, kms:ViaService and encryption context.)
func checkKeyContext(w *World, l *Looking) {
	const (
		via     = "a condition on kms:ViaService"
		context = "a condition on the encryption context: "
		grants  = "a condition on kms:GrantIsForAWSResource"
	)
	id := w.Identity()
	everyAllowIn(w, l, via, func(s *Statement) {
		inKey := s.Policy.isOfKey()
		if inKey {
			id.judgeServices(l, s)
		}
		named := slices.ContainsFunc(s.Principals, func(p Principal) bool { return p.Kind == awsPrincipal })
		if !s.touches(keyUseActions()...) || inKey && !named {
			return
		}
		l.Look()
		report := func(key, needed, mend string) {
			fault(l, s, key, s.Path+".Condition", conditionsShown(s), needed, mend)
		}
		if !s.narrowed("kms:ViaService") {
			report(noExcuse, via, "add StringEquals kms:ViaService with the service that encrypts")
		}
		if !inKey {
			return
		}
		if key := s.contextKey(); key != "" && !s.narrowed(key) {
			report(noExcuse, context+key, "add StringLike "+key+" with what is encrypted")
		}
		if s.touches("kms:CreateGrant") && !s.narrowed("kms:GrantIsForAWSResource") {
			report("Exemptions", grants, "add Bool kms:GrantIsForAWSResource true")
		}
	}, func(p *Policy) bool { return p.isOfKey() || p.Kind == IdentityPolicy })
}

// contextKey is the encryption context that the services send by way of which the statement lets decrypt.
func (s *Statement) contextKey() string {
	if !s.touches("kms:Decrypt") {
		return ""
	}
	for _, c := range s.Conditions {
		for _, service := range c.Values.Texts {
			switch {
			case c.key != "kms:viaservice":
			case strings.HasPrefix(service, "secretsmanager."):
				return "kms:EncryptionContext:SecretARN"
			case strings.HasPrefix(service, "s3."):
				return "kms:EncryptionContext:aws:s3:arn"
			}
		}
	}
	return ""
}

//go:embed keys.txt
var keysText string

// encrypted is a thing that a key encrypts.
type encrypted struct {
	at       place // where the key is named
	key, arn string
	actions  []string
	services []string
}

// encryptedThings lists what keys encrypt, in the order of the table.
func (id *Identity) encryptedThings() []encrypted {
	var list []encrypted
	for _, fields := range tableRows(keysText) {
		for _, r := range id.world.OfType(fields[0]) {
			for _, at := range placeOf(r).each(fields[1]) {
				if !at.value.Exists() {
					continue
				}
				list = append(list, encrypted{at: at, key: id.target(at.value), arn: r.Stack.reference(r.LogicalID, fields[2]).String(),
					actions: strings.Split(fields[3], ","), services: strings.Split(strings.ReplaceAll(fields[4], "{region}", id.region), ",")})
			}
		}
	}
	return list
}

// encryptions are the encrypted things, listed once, by their ARN.
func (id *Identity) encryptions() map[string][]encrypted {
	return id.encrypted.get(func() map[string][]encrypted {
		byARN := map[string][]encrypted{}
		for _, e := range id.encryptedThings() {
			byARN[e.arn] = append(byARN[e.arn], e)
		}
		return byARN
	})
}

// checkKeyUsers holds the use of each key to those who use what it encrypts, and CloudFormation's roles, which make it.
func checkKeyUsers(w *World, l *Looking) {
	const needed = "use of the key only by those who use what it encrypts"
	id := w.Identity()
	things := map[string]map[string][]encrypted{} // by key and ARN
	for arn, list := range id.encryptions() {
		for _, e := range list {
			if things[e.key] == nil {
				things[e.key] = map[string][]encrypted{}
			}
			things[e.key][arn] = append(things[e.key][arn], e)
		}
	}
	for _, key := range w.OfType("AWS::KMS::Key") {
		l.Look()
		told := map[Principal]bool{}
		for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"} {
			for _, g := range id.WhoCan(action, arnOf(key)) {
				if told[g.Principal] || id.usesOneOf(g.Principal, things[arnOf(key)]) {
					continue
				}
				told[g.Principal] = true
				if g.Unknown != "" {
					l.Unsure(key, "KeyPolicy", needed, g.Unknown)
					continue
				}
				s := g.Statements[len(g.Statements)-1]
				fault(l, s, noExcuse, s.Path, g.Principal.String()+" may "+action, needed, "leave "+g.Principal.String()+" out of "+s.String())
			}
		}
	}
}

// usesOneOf tells whether a principal has to do with one of the things.
func (id *Identity) usesOneOf(who Principal, things map[string][]encrypted) bool {
	if who.Kind == servicePrincipal {
		for _, list := range things {
			if slices.ContainsFunc(list, func(e encrypted) bool { return slices.Contains(e.services, who.ID) || id.servedBy(who, e) }) {
				return true
			}
		}
		return false
	}
	role := id.roles[who.ID]
	if role == nil {
		return false
	}
	return id.deploys(role) || slices.ContainsFunc(role.Policies, func(p *Policy) bool { return p.reaches(things) })
}

// servedBy tells whether the policy of an encrypted thing lets a service use it.
func (id *Identity) servedBy(who Principal, e encrypted) bool {
	return slices.ContainsFunc(id.on[e.arn], func(p *Policy) bool {
		return slices.ContainsFunc(p.Statements, func(s *Statement) bool {
			return s.allows() && slices.Contains(s.Principals, who) && s.touches(e.actions...)
		})
	})
}

// reaches tells whether a policy allows an action of one of the things on it or on something inside it.
func (p *Policy) reaches(things map[string][]encrypted) bool {
	return slices.ContainsFunc(p.Statements, func(s *Statement) bool {
		return s.allows() && (s.reachesNamed(things) || s.reachesSome(things))
	})
}

// reachesNamed looks the statement's resources up among the things; of an object, the bucket.
func (s *Statement) reachesNamed(things map[string][]encrypted) bool {
	uses := func(e encrypted) bool { return s.touches(e.actions...) }
	return slices.ContainsFunc(s.Resources.Texts, func(text string) bool {
		return slices.ContainsFunc(things[text], uses) || slices.ContainsFunc(things[untilMark(text, "/")], uses)
	})
}

// reachesSome compares every thing with a statement that names none.
func (s *Statement) reachesSome(things map[string][]encrypted) bool {
	if !s.NotResources.given() && s.Resources.Unknown == "" && !slices.ContainsFunc(s.Resources.Texts, func(text string) bool { return strings.ContainsAny(text, "*?$") }) {
		return false
	}
	for arn, list := range things {
		if s.coversResource(arn).tri != No && slices.ContainsFunc(list, func(e encrypted) bool { return s.touches(e.actions...) }) {
			return true
		}
	}
	return false
}
