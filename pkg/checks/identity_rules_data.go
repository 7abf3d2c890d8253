package checks

import (
	"slices"
	"strings"
)

// checkPublicBuckets wants all four blocks of public access, and no public ACL. (Amazon S3 User Guide, blocking public access.)
func checkPublicBuckets(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::S3::Bucket") {
		l.Look()
		for _, name := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
			path := "PublicAccessBlockConfiguration." + name
			if v := r.At(path); !v.True() {
				l.Fail(r, path, v, "true", "set "+name+" to true")
			}
		}
		if v := r.At("AccessControl"); strings.HasPrefix(v.String(), "Public") || v.String() == "AuthenticatedRead" || v.Unknown() != "" {
			l.Fail(r, "AccessControl", v, "no public ACL", "remove AccessControl")
		}
	}
}

// checkPlaintext asks whether requests without TLS 1.2 are denied by what buckets, topics and queues have as policies. TLS
// versions are known to S3 alone. (Amazon S3 User Guide, aws:SecureTransport and s3:TlsVersion.)
func checkPlaintext(w *World, l *Looking) {
	id := w.Identity()
	plain := map[string][]string{"aws:SecureTransport": {"false"}}
	old := map[string][]string{"aws:SecureTransport": {"true"}, "s3:TlsVersion": {"1.1"}}
	ask := func(r *Resource, action, resource, needed string, context map[string][]string) {
		guards, _ := id.policiesOn(resource)
		says := question{anybody(), strings.ToLower(action), resource, id.contextOf(anybody(), context)}.weigh(guards)
		if says.denied.tri == Yes {
			return
		}
		where, path := r, ""
		for _, p := range id.on[arnOf(r)] {
			where, path = p.Source, p.Path
		}
		if says.denied.unknown {
			l.Unsure(where, path, needed, says.denied.why)
			return
		}
		l.FailText(where, path, action+" on "+r.Where()+" is not denied", needed, "deny all principals all actions with such a condition")
	}
	for _, r := range w.OfType("AWS::S3::Bucket") {
		l.Look()
		for _, on := range []struct{ action, resource string }{
			{"s3:ListBucket", arnOf(r)}, {"s3:GetObject", arnOf(r) + "/x"}, {"s3:PutObject", arnOf(r) + "/x"},
		} {
			ask(r, on.action, on.resource, "requests without TLS denied (aws:SecureTransport false)", plain)
			ask(r, on.action, on.resource, "requests with TLS before 1.2 denied (s3:TlsVersion less than 1.2)", old)
		}
	}
	for kind, action := range map[string]string{"AWS::SNS::Topic": "sns:Publish", "AWS::SQS::Queue": "sqs:SendMessage"} {
		for _, r := range w.OfType(kind) {
			l.Look()
			ask(r, action, arnOf(r), "requests without TLS denied (aws:SecureTransport false)", plain)
		}
	}
}

// isSecret tells whether a value under a name would be a secret: the name says so, and not that it points to one, and the
// value refers to nothing.
func isSecret(name string, v Value) bool {
	text := v.String()
	if strings.Contains(text, "{{resolve:secretsmanager:") || strings.Contains(text, "{{resolve:ssm-secure:") {
		return true
	}
	name = strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), "_", ""), "-", ""), "s")
	contains := func(word string) bool { return strings.Contains(name, word) }
	pointsTo := func(end string) bool { return strings.HasSuffix(name, end) }
	refers := strings.HasPrefix(text, "arn:") || strings.HasPrefix(text, "<")
	return v.Exists() && !refers &&
		slices.ContainsFunc([]string{"password", "passwd", "passphrase", "secret", "token", "apikey", "privatekey", "credential"}, contains) &&
		!slices.ContainsFunc([]string{"arn", "name", "id", "uri", "url", "path", "file", "prefix", "length", "day", "version", "enabled"}, pointsTo)
}

// checkPlainSecrets looks for secrets where everybody can read them who may describe the stack or the task. A dynamic
// reference is no help in a variable: it is resolved when the stack is deployed.
func checkPlainSecrets(w *World, l *Looking) {
	const (
		needed = "no secret: only its ARN, read or injected when the task starts"
		mend   = "keep it in Secrets Manager and inject it by Secrets"
	)
	judge := func(at place, name string) {
		l.Look()
		if isSecret(name, at.value) {
			shown := Text("a value")
			if why := at.value.Unknown(); why != "" {
				shown = Unknown(why)
			}
			l.Fail(at.resource, at.path, shown, needed, mend)
		}
	}
	for _, r := range w.OfType("AWS::ECS::TaskDefinition") {
		for _, variable := range placeOf(r).each("ContainerDefinitions[].Environment[]") {
			judge(variable.field("Value"), variable.field("Name").value.String())
		}
	}
	for _, r := range w.OfType("AWS::Lambda::Function") {
		variables := placeOf(r).field("Environment").field("Variables")
		for _, name := range variables.value.Keys() {
			judge(variables.field(name), name)
		}
	}
	for _, s := range w.Stacks {
		for section, values := range map[string]map[string]Value{"Parameters": s.Parameters, "Outputs": s.Outputs} {
			declared := s.Template.section(section)
			for i, name := range declared.keysOrNone() {
				entry := &Resource{Stack: s, LogicalID: name, source: declared.items[i]}
				judge(place{resource: entry, value: values[name]}, name)
			}
		}
	}
	checkLiteralPasswords(w, l)
}

// checkLiteralPasswords looks for passwords written into resources; there a dynamic reference is what AWS recommends.
func checkLiteralPasswords(w *World, l *Looking) {
	for _, s := range w.Stacks {
		for _, r := range s.Resources {
			for _, name := range []string{"MasterUserPassword", "SecretString", "AuthToken", "MasterPassword", "AdminPassword"} {
				v := r.At(name)
				if !v.Exists() {
					continue
				}
				l.Look()
				if !strings.HasPrefix(v.String(), "{{resolve:") {
					shown := Text("a value")
					if why := v.Unknown(); why != "" {
						shown = Unknown(why)
					}
					l.Fail(r, name, shown, "a secret that is generated, or a dynamic reference to one", "use GenerateSecretString or ManageMasterUserPassword")
				}
			}
		}
	}
}

// checkKeyRotation wants yearly rotation of each key that KMS can rotate. (KMS Developer Guide, rotating KMS keys.)
func checkKeyRotation(w *World, l *Looking) {
	for _, key := range w.OfType("AWS::KMS::Key") {
		if spec := key.At("KeySpec").String(); spec != "" && spec != "SYMMETRIC_DEFAULT" || key.At("Origin").String() == "EXTERNAL" {
			continue
		}
		l.Look()
		if v := key.At("EnableKeyRotation"); !v.True() {
			l.Fail(key, "EnableKeyRotation", v, "true", "set EnableKeyRotation to true")
		}
	}
}

// checkSecretKeys wants a customer key for each secret: AWS's own key lets everybody in the account decrypt who may read the
// secret. (Secrets Manager User Guide, secret encryption and decryption.)
func checkSecretKeys(w *World, l *Looking) {
	const needed = "a customer key"
	judge := func(r *Resource, path string) {
		l.Look()
		v := r.At(path)
		if text := v.String(); text == "" || strings.Contains(text, "alias/aws/") {
			l.Fail(r, path, v, needed, "name a KMS key of your own")
		}
	}
	for _, r := range w.OfType("AWS::SecretsManager::Secret") {
		judge(r, "KmsKeyId")
	}
	for _, r := range w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		if r.At("ManageMasterUserPassword").True() {
			judge(r, "MasterUserSecret.KmsKeyId")
		}
	}
}
