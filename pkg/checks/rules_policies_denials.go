package checks

import (
	"slices"
	"strings"
)

// policyChanges are the actions that change the policy of a resource, by the service in its ARN. (Service Authorization
// Reference, actions on permissions management.)
func policyChanges() map[string]string {
	return map[string]string{"s3": "s3:putbucketpolicy", "kms": "kms:putkeypolicy", "sns": "sns:settopicattributes", "sqs": "sqs:setqueueattributes",
		"secretsmanager": "secretsmanager:putresourcepolicy", "ecr": "ecr:setrepositorypolicy"}
}

// checkLockouts looks for denials that hold for everybody in every request that is well made: nobody could use the resource,
// nor mend its policy but the root user. (Amazon S3 User Guide, bucket policies.)
func checkLockouts(w *World, l *Looking) {
	const needed = "a condition that leaves somebody in"
	for _, p := range w.Identity().Policies {
		parts := strings.SplitN(p.On, ":", 4)
		if p.Kind != ResourcePolicy || len(parts) < 4 || policyChanges()[parts[2]] == "" {
			continue
		}
		l.Look()
		q := question{action: policyChanges()[parts[2]], resource: p.On, context: map[string][]string{"aws:securetransport": {"true"}, "s3:tlsversion": {"1.3"}}}
		for _, s := range p.Statements {
			if !s.allows() && slices.Contains(s.Principals, anybody()) && s.covers(q).tri == Yes {
				l.FailText(p.Source, s.Path, "anybody is denied "+strings.Join(s.Actions.Texts, ", ")+", "+conditionsShown(s), needed, "say under which condition it is denied")
			}
		}
	}
}

// checkForeignKeys wants the buckets that keep audit records to refuse objects under a key that is not theirs, which the
// auditors could not read, and to take those under their own and those that leave it to the bucket. (Amazon S3 User Guide,
// requiring and enforcing SSE-KMS.)
func checkForeignKeys(w *World, l *Looking) {
	id := w.Identity()
	judged := map[*Resource]bool{}
	for _, use := range w.archives() {
		if why := use.bucket.Unknown(); why != "" {
			l.Look()
			l.Unsure(use.writer, use.path, "a bucket that is known", why)
		}
		bucket := w.bucket(use.bucket)
		if bucket == nil || judged[bucket] {
			continue
		}
		judged[bucket] = true
		for _, e := range id.encryptions()[arnOf(bucket)] {
			if !strings.Contains(e.key, "alias/aws/") {
				l.Look()
				id.judgeUploads(l, bucket, e.key)
			}
		}
	}
}

// judgeUploads asks for uploads under another key, the bucket's own and without naming one.
func (id *Identity) judgeUploads(l *Looking, bucket *Resource, own string) {
	where, path := bucket, ""
	for _, p := range id.on[arnOf(bucket)] {
		where, path = p.Source, p.Path
	}
	guards, _ := id.policiesOn(arnOf(bucket))
	for _, upload := range []struct {
		key    []string
		denied bool
		needed string
	}{
		{[]string{id.arn("kms", "key/other")}, true, "objects under another key than " + own + " denied"},
		{[]string{own}, false, "objects under " + own + " let in"},
		{nil, false, "objects that leave the key to the bucket let in"},
	} {
		context := secureRequest(map[string][]string{"s3:x-amz-server-side-encryption-aws-kms-key-id": upload.key})
		says := question{anybody(), "s3:putobject", arnOf(bucket) + "/x", id.contextOf(anybody(), context)}.weigh(guards).denied
		switch {
		case says.unknown:
			l.Unsure(where, path, upload.needed, says.why)
		case (says.tri == Yes) != upload.denied:
			l.FailText(where, path, "s3:PutObject denied: "+says.tri.String(), upload.needed,
				"deny s3:PutObject with StringNotEquals s3:x-amz-server-side-encryption-aws-kms-key-id, and Null false for it")
		}
	}
}

// checkSecretEndpoints keeps all but named roles off the endpoint of Secrets Manager where they would change secrets, or read
// the master secret of a database. (Secrets Manager User Guide, VPC endpoints.)
func checkSecretEndpoints(w *World, l *Looking) {
	id := w.Identity()
	stranger := asRole("arn:" + id.partition + ":iam::" + id.account + ":role/stranger")
	for _, gate := range id.gates["secretsmanager"] {
		l.Look()
		if gate.Unknown != "" {
			l.Unsure(gate.Source, gate.Path, passingRoles, gate.Unknown)
			continue
		}
		told := map[*Statement]bool{}
		for _, secret := range id.secrets() {
			actions := []string{"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"}
			if secret.resource.Type != "AWS::SecretsManager::Secret" {
				actions = append(actions, "secretsmanager:GetSecretValue")
			}
			for _, action := range actions {
				q := question{stranger, strings.ToLower(action), secret.arn, id.contextOf(stranger, nil)}
				says := q.weigh([]*Policy{gate})
				if says.itself.tri == No || says.denied.tri == Yes || told[says.by[0]] {
					continue
				}
				told[says.by[0]] = true
				reportPassage(l, says, action+" on "+secret.resource.Where())
			}
		}
	}
}

const passingRoles = "a condition on aws:PrincipalArn with the roles that do it"

// reportPassage reports what lets anybody of the account pass an endpoint.
func reportPassage(l *Looking, says tally, what string) {
	s := says.by[0]
	if says.itself.unknown {
		l.Unsure(s.Policy.Source, s.Path+".Condition", passingRoles, says.itself.why)
		return
	}
	fault(l, s, noExcuse, s.Path+".Condition", "any role may pass for "+what+", "+conditionsShown(s), passingRoles, "name the roles")
}
