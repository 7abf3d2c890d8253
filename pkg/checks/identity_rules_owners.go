package checks

import (
	"cmp"
	"slices"
	"strings"
)

// checkOwnRoles wants a task role and an execution role for each task definition, shared with no other.
func checkOwnRoles(w *World, l *Looking) {
	id := w.Identity()
	taken := map[string]*Resource{}
	for _, t := range id.tasks {
		l.Look()
		for _, role := range []struct{ path, arn string }{{"TaskRoleArn", t.task}, {"ExecutionRoleArn", t.execution}} {
			v := t.resource.At(role.path)
			switch first := taken[role.arn]; {
			case role.arn == "":
				l.Fail(t.resource, role.path, v, "a role of its own", "make a role for these tasks")
			case first != nil:
				l.FailText(t.resource, role.path, v.Show()+", which "+first.Where()+" has", "a role of its own", "make one role for each use")
			default:
				taken[role.arn] = t.resource
			}
		}
	}
}

// checkSecretReaders holds each secret to the roles of the tasks that name it; of these one service, beside those that
// rotate it. CloudFormation's role makes secrets without reading them, so it is no exception.
func checkSecretReaders(w *World, l *Looking) {
	const needed = "readers and writers only among the roles of the tasks that inject or name the secret"
	id := w.Identity()
	for _, secret := range id.secrets() {
		l.Look()
		use := id.secretUse(secret.arn)
		told := map[Principal]bool{}
		for _, action := range []string{"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"} {
			for _, g := range id.WhoCan(action, secret.arn) {
				switch {
				case told[g.Principal] || slices.Contains(use.readers, g.Principal.ID):
				case g.Unknown != "":
					l.Unsure(secret.resource, "", needed, g.Unknown)
				default:
					s := g.Statements[len(g.Statements)-1]
					l.FailText(s.Policy.Source, s.Path, g.Principal.String()+" may "+action+" on "+secret.resource.Where(), needed, "leave the secret out of the statement")
				}
				told[g.Principal] = true
			}
		}
		id.judgeSharing(l, secret, use.places)
	}
}

// judgeSharing reports the second task definition, and more, that names a secret without writing it.
func (id *Identity) judgeSharing(l *Looking, secret theSecret, places []place) {
	var owner *Resource
	for _, at := range places {
		who := Principal{awsPrincipal, id.roleARN(at.resource.At("TaskRoleArn"))}
		switch {
		case id.Can(who, "secretsmanager:PutSecretValue", secret.arn, nil).Allowed == Yes:
		case owner == nil:
			owner = at.resource
		default:
			l.FailText(at.resource, at.path, secret.resource.Where()+", which "+owner.Where()+" uses", "a secret of its own for each service", "make a secret for each service")
		}
	}
}

// checkSecretPolicies wants each secret to refuse everyone but its readers, whatever other policies of the account allow.
func checkSecretPolicies(w *World, l *Looking) {
	const needed = "a policy of the secret that denies everyone but the roles that use it"
	id := w.Identity()
	for _, secret := range w.OfType("AWS::SecretsManager::Secret") {
		l.Look()
		arn := arnOf(secret)
		readers := id.secretUse(arn).readers
		strangers := []Principal{{awsPrincipal, "arn:" + id.partition + ":iam::" + id.account + ":role/stranger"}}
		for _, role := range id.excepted(arn) {
			if !slices.Contains(readers, role.ARN) && !id.deploys(role) {
				strangers = append(strangers, Principal{awsPrincipal, role.ARN})
			}
		}
		for _, action := range []string{"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"} {
			if who, why, ok := id.letIn(strangers, action, arn); !ok {
				where, path := secret, ""
				for _, p := range id.on[arn] {
					where, path = p.Source, p.Path
				}
				if why != "" {
					l.Unsure(where, path, needed, why)
				} else {
					l.FailText(where, path, "no statement denies "+who.String()+" "+action, needed, "deny "+action+" with ArnNotEquals aws:PrincipalArn and the roles that use the secret")
				}
			}
		}
	}
}

// checkPublicSecrets wants Secrets Manager to refuse policies that let anybody in, also later ones. (Secrets Manager API
// Reference, PutResourcePolicy.)
func checkPublicSecrets(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::SecretsManager::ResourcePolicy") {
		l.Look()
		if v := r.At("BlockPublicPolicy"); !v.True() {
			l.Fail(r, "BlockPublicPolicy", v, "true", "set BlockPublicPolicy to true")
		}
	}
}

// excepted are the roles that a resource's policies may except from what they deny: all others fare as a stranger does.
func (id *Identity) excepted(resource string) []*Role {
	var patterns []string
	for _, p := range id.on[resource] {
		for _, s := range p.Statements {
			for _, named := range s.NotPrincipals {
				patterns = append(patterns, named.ID)
			}
			for _, c := range s.Conditions {
				patterns = append(patterns, c.Values.Texts...)
			}
		}
	}
	var roles []*Role
	for _, pattern := range patterns {
		if role := id.roles[pattern]; role != nil {
			roles = append(roles, role)
		} else if strings.ContainsAny(pattern, "*?") {
			roles = append(roles, slices.DeleteFunc(slices.Clone(id.Roles), func(r *Role) bool { return !coversARN(pattern, r.ARN) })...)
		}
	}
	return roles
}

// letIn finds a principal that a resource's own policies do not deny an action.
func (id *Identity) letIn(strangers []Principal, action, resource string) (who Principal, why string, ok bool) {
	guards, _ := id.policiesOn(resource)
	for _, who := range strangers {
		says := question{who, strings.ToLower(action), resource, id.contextOf(who, nil)}.weigh(guards)
		if says.denied.tri != Yes {
			return who, says.denied.why, false
		}
	}
	return Principal{}, "", true
}

// checkTaskGroups keeps tasks off the log groups of others.
func checkTaskGroups(w *World, l *Looking) {
	actions := []string{"logs:PutLogEvents", "logs:GetLogEvents", "logs:FilterLogEvents", "logs:DeleteLogGroup", "logs:PutRetentionPolicy"}
	w.Identity().keepOff(l, "AWS::Logs::LogGroup", actions, func(t *taskUse) []usage { return t.groups }, func(r *Resource) string {
		return strings.TrimSuffix(arnOf(r), ":*")
	}, ":log-stream:x")
}

// checkTaskRepositories keeps tasks off the images of others, and off pushing any.
func checkTaskRepositories(w *World, l *Looking) {
	actions := []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:PutImage", "ecr:BatchDeleteImage"}
	w.Identity().keepOff(l, "AWS::ECR::Repository", actions, func(t *taskUse) []usage { return t.images }, arnOf, "")
}

// keepOff reports roles of tasks that may do something with a resource that their task does not use.
func (id *Identity) keepOff(l *Looking, kind string, actions []string, uses func(*taskUse) []usage, arn func(*Resource) string, inside string) {
	const needed = "access only for the tasks that use it"
	byRole := map[string]*taskUse{}
	for _, t := range id.tasks {
		byRole[t.task], byRole[t.execution] = t, t
	}
	for _, r := range id.world.OfType(kind) {
		l.Look()
		own := arn(r)
		for i, action := range actions {
			for _, g := range id.WhoCan(action, own+inside) {
				t := byRole[g.Principal.ID]
				used := t != nil && i < 2 && slices.ContainsFunc(uses(t), func(u usage) bool { return u.arn == own })
				switch {
				case t == nil || used:
				case g.Unknown != "" || i < 2 && unknownUse(uses(t)) != "":
					l.Unsure(r, "", needed, cmp.Or(g.Unknown, unknownUse(uses(t))))
				default:
					s := g.Statements[len(g.Statements)-1]
					l.FailText(s.Policy.Source, s.Path, g.Principal.String()+" may "+action+" on "+r.Where(), needed, "leave it out of the statement")
				}
			}
		}
	}
}

// unknownUse is why it is not known what is used.
func unknownUse(list []usage) string {
	for _, u := range list {
		if why := u.at.value.Unknown(); why != "" {
			return why
		}
	}
	return ""
}
