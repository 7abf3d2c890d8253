package checks

import (
	"slices"
	"strings"
)

// policyDocuments are where policies are: the type, the path of the document, its kind, and where the ARN or name of what it
// protects is; "self" is the resource itself.
func policyDocuments() []policyDocument {
	return []policyDocument{
		{"AWS::IAM::Role", "AssumeRolePolicyDocument", TrustPolicy, "self"},
		{"AWS::IAM::Role", "Policies[].PolicyDocument", IdentityPolicy, "self"},
		{"AWS::IAM::User", "Policies[].PolicyDocument", IdentityPolicy, "self"},
		{"AWS::IAM::Group", "Policies[].PolicyDocument", IdentityPolicy, ""},
		{"AWS::IAM::Policy", "PolicyDocument", IdentityPolicy, "Roles[]"},
		{"AWS::IAM::Policy", "PolicyDocument", IdentityPolicy, "Users[]"},
		{"AWS::IAM::ManagedPolicy", "PolicyDocument", IdentityPolicy, "Roles[]"},
		{"AWS::IAM::ManagedPolicy", "PolicyDocument", IdentityPolicy, "Users[]"},
		{"AWS::IAM::RolePolicy", "PolicyDocument", IdentityPolicy, "RoleName"},
		{"AWS::KMS::Key", "KeyPolicy", ResourcePolicy, "self"},
		{"AWS::S3::BucketPolicy", "PolicyDocument", ResourcePolicy, "Bucket"},
		{"AWS::SNS::TopicPolicy", "PolicyDocument", ResourcePolicy, "Topics[]"},
		{"AWS::SQS::QueuePolicy", "PolicyDocument", ResourcePolicy, "Queues[]"},
		{"AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", ResourcePolicy, "SecretId"},
		{"AWS::ECR::Repository", "RepositoryPolicyText", ResourcePolicy, "self"},
		{"AWS::Logs::ResourcePolicy", "PolicyDocument", ResourcePolicy, ""},
		{"AWS::EC2::VPCEndpoint", "PolicyDocument", EndpointPolicy, "ServiceName"},
	}
}

type policyDocument struct {
	resource, path string
	kind           PolicyKind
	on             string
}

// guardedTypes may have a resource policy.
func guardedTypes() []string {
	return []string{"AWS::IAM::Role", "AWS::KMS::Key", "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue",
		"AWS::SecretsManager::Secret", "AWS::ECR::Repository"}
}

func newIdentity(w *World) *Identity {
	id := &Identity{world: w, roles: map[string]*Role{}, on: map[string][]*Policy{}, declared: map[string]*Resource{},
		gates: map[string][]*Policy{}, actions: map[string]*actionIndex{}, names: map[string]string{}, aliases: map[string]string{}}
	for _, s := range w.Stacks[:min(1, len(w.Stacks))] {
		id.account, id.region = s.Parameters["AWS::AccountId"].String(), s.Parameters["AWS::Region"].String()
		id.partition = s.Parameters["AWS::Partition"].String()
	}
	for _, r := range w.OfType(guardedTypes()...) {
		id.declared[arnOf(r)] = r
	}
	for _, r := range w.OfType("AWS::KMS::Alias") {
		id.aliases[r.At("AliasName").String()] = id.target(r.At("TargetKeyId"))
		id.aliases[r.Identity()] = id.target(r.At("TargetKeyId"))
	}
	for _, r := range w.OfType("AWS::IAM::Role", "AWS::IAM::User") {
		role := &Role{ARN: arnOf(r), Resource: r}
		id.Roles, id.roles[role.ARN] = append(id.Roles, role), role
		id.names[r.Stack.reference(r.LogicalID, "Ref").String()] = role.ARN
	}
	id.collect()
	id.attach()
	id.findUses()
	for _, role := range id.Roles {
		if role.Unknown != "" || slices.ContainsFunc(role.Policies, func(p *Policy) bool { return p.Unknown != "" }) {
			id.obscure = append(id.obscure, role.ARN)
		}
	}
	return id
}

// arnOf is a resource's ARN, as references to it resolve.
func arnOf(r *Resource) string {
	for _, attribute := range []string{"Arn", "Ref"} {
		if v := r.Stack.reference(r.LogicalID, attribute); strings.HasPrefix(v.String(), "arn:") {
			return v.String()
		}
	}
	return r.Identity()
}

// target is the ARN that a reference, name or ARN stands for; of an alias, its key's.
func (id *Identity) target(v Value) string {
	text := v.String()
	if i := strings.Index(text, "alias/"); i >= 0 && id.aliases[text[i:]] != "" {
		return id.aliases[text[i:]]
	}
	if r := id.world.Find(v); r != nil {
		return arnOf(r)
	}
	return text
}

// protected is the ARN of what a policy is on. Names of buckets, roles and users are theirs alone: other types may have the
// same.
func (id *Identity) protected(kind policyDocument, v Value) string {
	switch {
	case kind.resource == "AWS::S3::BucketPolicy":
		return id.bucketARN(v.String())
	case kind.kind == IdentityPolicy:
		return id.roleARN(v)
	}
	return id.target(v)
}

// roleARN is the ARN of a role or user, given by ARN, name or reference.
func (id *Identity) roleARN(v Value) string {
	name := v.String()
	if arn := id.names[name]; arn != "" {
		return arn
	}
	return name
}

// collect decodes every policy once and notes what it protects.
func (id *Identity) collect() {
	kinds := policyDocuments()
	decodedAt := map[*Resource][]*Policy{}
	for _, s := range id.world.Stacks {
		for _, r := range s.Resources {
			for _, kind := range kinds {
				if kind.resource != r.Type {
					continue
				}
				for _, document := range placeOf(r).each(kind.path) {
					id.note(kind, id.decode(kind.kind, document, decodedAt))
				}
			}
		}
	}
}

// decode decodes a document, or finds it decoded: a policy may be attached in several ways.
func (id *Identity) decode(kind PolicyKind, document place, decodedAt map[*Resource][]*Policy) *Policy {
	for _, known := range decodedAt[document.resource] {
		if known.Path == document.path {
			return known
		}
	}
	if !document.value.Exists() && document.resource.Type == "AWS::KMS::Key" {
		document.value = id.defaultKeyPolicy()
	}
	p := newPolicy(kind, document)
	if len(p.Statements) > 0 || p.Unknown != "" {
		id.Policies = append(id.Policies, p)
	}
	decodedAt[document.resource] = append(decodedAt[document.resource], p)
	return p
}

// defaultKeyPolicy is what KMS gives a key without policy. (KMS Developer Guide, default key policy.)
func (id *Identity) defaultKeyPolicy() Value {
	return mapOf(map[string]Value{"Statement": mapOf(map[string]Value{
		"Effect": Text("Allow"), "Action": Text("kms:*"), "Resource": Text("*"),
		"Principal": mapOf(map[string]Value{awsPrincipal: Text("arn:" + id.partition + ":iam::" + id.account + ":root")}),
	})})
}

// note files a policy under what it protects, or with the roles that have it.
func (id *Identity) note(kind policyDocument, p *Policy) {
	if kind.on == "" {
		if p.Source.Type == "AWS::Logs::ResourcePolicy" {
			id.logs = append(id.logs, p)
		}
		return
	}
	targets := []string{arnOf(p.Source)}
	if kind.on != "self" {
		p.maybe, targets = p.Source.Maybe, nil
		for _, at := range placeOf(p.Source).each(kind.on) {
			targets = append(targets, id.protected(kind, at.value))
		}
	}
	for _, target := range targets {
		switch kind.kind {
		case IdentityPolicy:
			id.give(id.roles[target], p)
		case EndpointPolicy:
			id.gate(target, p)
		default:
			p.On = target
			id.on[target] = append(id.on[target], p)
		}
	}
}

// gate files an endpoint's policy under the end of the service's name. Without document everything passes.
func (id *Identity) gate(name string, p *Policy) {
	if parts := strings.SplitN(name, ".", 4); len(parts) == 4 && p.Source.At("PolicyDocument").Exists() {
		p.On = parts[3]
		id.gates[p.On] = append(id.gates[p.On], p)
	}
}

func (id *Identity) give(role *Role, p *Policy) {
	if role != nil && !slices.Contains(role.Policies, p) {
		role.Policies, p.Roles = append(role.Policies, p), append(p.Roles, role.ARN)
	}
}

// attach gives roles their managed policies and boundaries; what is not in the templates is not known.
func (id *Identity) attach() {
	managed := map[string]*Policy{}
	for _, p := range id.Policies {
		if p.Source.Type == "AWS::IAM::ManagedPolicy" {
			managed[arnOf(p.Source)] = p
		}
	}
	for _, role := range id.Roles {
		for _, at := range placeOf(role.Resource).each("ManagedPolicyArns[]") {
			if p := managed[id.target(at.value)]; p != nil {
				id.give(role, p)
			} else {
				role.Unknown = "the managed policy " + at.value.Show() + " is not in the templates"
			}
		}
		if boundary := role.Resource.At("PermissionsBoundary"); boundary.Exists() {
			if role.boundary = managed[id.target(boundary)]; role.boundary == nil {
				role.unknownBoundary = "the permissions boundary " + boundary.Show() + " is not in the templates"
			}
		}
	}
}
