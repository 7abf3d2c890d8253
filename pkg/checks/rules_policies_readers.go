package checks

import (
	"strings"
)

// checkAuditors: somebody of the account may read what audit streams and trails archive, with its versions, and prove that
// the files of a trail are unchanged. Evidence that nobody can read is none. (PCI DSS 10.5.1; AWS CloudTrail User Guide,
// validating CloudTrail log file integrity with the AWS CLI.)
func checkAuditors(w *World, l *Looking) {
	c := newChain(w, l)
	for _, stream := range w.auditStreams() {
		for _, base := range bucketDestinations() {
			if at := placeOf(stream).field(base); at.value.Exists() {
				l.Look()
				c.readable(at.field("BucketARN"), at.field("EncryptionConfiguration").field("KMSEncryptionConfig").field("AWSKMSKeyARN"))
			}
		}
	}
	for _, trail := range w.OfType("AWS::CloudTrail::Trail") {
		l.Look()
		at := placeOf(trail)
		c.readable(at.field("S3BucketName"), at.field("KMSKeyId"), "cloudtrail:DescribeTrails", "cloudtrail:ListPublicKeys")
	}
}

// readable reports what the role that may do most of it may not.
func (c chain) readable(bucket, key place, more ...string) {
	if !c.has(bucket, "the bucket's name") {
		return
	}
	arn := bucket.value.String()
	if !strings.HasPrefix(arn, "arn:") {
		arn = c.id.bucketARN(arn)
	}
	needed := "a role that people assume, and that may list " + arn + ", read and decrypt what is in it"
	var best []string
	nearest := ""
	for _, r := range c.id.Roles {
		if !c.id.forPeople(r) {
			continue
		}
		lacks, why := c.lacks(r, arn, c.id.target(key.value), more)
		if why != "" {
			c.l.Unsure(bucket.resource, bucket.path, needed, why)
			return
		}
		if nearest == "" || len(lacks) < len(best) {
			best, nearest = lacks, asRole(r.ARN).String()
		}
	}
	switch {
	case nearest == "":
		c.l.FailText(bucket.resource, bucket.path, "people may assume no role", needed, "make a role for auditors")
	case len(best) > 0:
		c.l.FailText(bucket.resource, bucket.path, nearest+" may not "+strings.Join(best, ", "), needed, "allow it to the auditors' role")
	}
}

// lacks are the actions that a role may not do by its own policies; those of the archive's account may be elsewhere.
func (c chain) lacks(r *Role, bucket, key string, more []string) (list []string, why string) {
	ask := func(resource string, context map[string][]string, actions ...string) {
		for _, action := range actions {
			who := asRole(r.ARN)
			says := c.id.identitySays(question{who, strings.ToLower(action), resource, c.id.contextOf(who, secureRequest(context))})
			switch {
			case says.itself.tri == No || says.denied.tri == Yes:
				list = append(list, action)
			case says.itself.unknown:
				why = says.itself.why
			}
		}
	}
	ask(bucket, nil, "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions")
	ask(bucket+"/x", nil, "s3:GetObject", "s3:GetObjectVersion")
	if strings.HasPrefix(key, "arn:") {
		ask(key, c.through("s3", "aws:s3:arn", bucket), "kms:Decrypt")
	}
	ask("*", nil, more...)
	return list, why
}

// forPeople tells whether people may assume a role: its trust policy names an account, a person or an identity provider.
func (id *Identity) forPeople(role *Role) bool {
	for _, p := range id.on[role.ARN] {
		for _, s := range p.Statements {
			if !s.allows() || !s.touches("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity") {
				continue
			}
			for _, who := range s.Principals {
				if who.Kind != servicePrincipal {
					return true
				}
			}
		}
	}
	return false
}
