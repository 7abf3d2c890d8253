package checks

// keyAdministration are the actions without which a key cannot be kept, moved or removed. (KMS Developer Guide, allows key
// administrators to administer the KMS key.)
func keyAdministration() []string {
	return []string{"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey", "kms:DisableKeyRotation",
		"kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies",
		"kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
		"kms:UpdateAlias", "kms:UpdateKeyDescription"}
}

// checkKeyAdministration: somebody of the account administers each key; one that nobody may change stays for ever.
func checkKeyAdministration(w *World, l *Looking) {
	id := w.Identity()
	forEach(w, l, func(c chain, key *Resource) {
		l.Look()
		for _, action := range keyAdministration() {
			answer := impossible()
			for _, p := range id.on[arnOf(key)] {
				for _, s := range p.Statements {
					if s.allows() && s.namesAccount(id.account) {
						answer = either(answer, s.covers(question{action: action, resource: arnOf(key)}))
					}
				}
			}
			at := placeOf(key).field("KeyPolicy")
			needed := "somebody of the account may " + action
			switch {
			case answer.tri == No:
				l.FailText(key, at.path, "nobody of the account may "+action, needed, "allow it to the account or to roles of administrators")
			case answer.tri == Maybe:
				l.Unsure(key, at.path, needed, answer.why)
			}
		}
	}, "AWS::KMS::Key")
}

// namesAccount tells whether a statement names the account, or somebody of it.
func (s *Statement) namesAccount(account string) bool {
	for _, p := range s.Principals {
		if p.account() == account {
			return true
		}
	}
	return false
}

// checkBucketKeys: whoever reads or writes objects of a bucket may use its key. (Amazon S3 User Guide, SSE-KMS permissions.)
func checkBucketKeys(w *World, l *Looking) {
	forEach(w, l, func(c chain, bucket *Resource) {
		arn := arnOf(bucket)
		key, _ := c.keyOf(arn)
		if key == "" {
			return
		}
		l.Look()
		for _, pair := range [][2]string{{"s3:GetObject", "kms:Decrypt"}, {"s3:PutObject", "kms:GenerateDataKey"}} {
			action, use := pair[0], pair[1]
			for _, r := range c.id.Roles {
				if s := r.inside(arn, action); s != nil {
					at := place{resource: s.Policy.Source, path: s.Path}
					c.needs(at, need{who: asRole(r.ARN), resource: key, context: c.through("s3", "aws:s3:arn", c.bucketContext(arn, arn+"/x"))}, use)
				}
			}
		}
	}, "AWS::S3::Bucket")
}

// inside finds a statement of a role about objects of a bucket.
func (r *Role) inside(bucket, action string) *Statement {
	for _, p := range r.Policies {
		for _, s := range p.Statements {
			if !s.allows() || !s.touches(action) {
				continue
			}
			for _, text := range s.Resources.Texts {
				if untilMark(text, "/") == bucket || coversVariable(text, bucket+"/x", false) {
					return s
				}
			}
		}
	}
	return nil
}
