package checks

import "strings"

// eachTask runs a judge over task definitions; those that use something of the kind are subjects.
func eachTask(w *World, l *Looking, uses func(t *taskUse) []usage, judge func(c chain, t *taskUse, u usage)) {
	c := newChain(w, l)
	for _, t := range c.id.tasks {
		for _, u := range uses(t) {
			l.Look()
			if why := u.at.value.Unknown(); why != "" {
				l.Unsure(u.at.resource, u.at.path, "a value that is known", why)
				continue
			}
			judge(c, t, u)
		}
	}
}

// checkPulls: the execution role pulls images, whose layers are in S3. (Amazon ECR User Guide, private repository policies
// and interface VPC endpoints.)
func checkPulls(w *World, l *Looking) {
	eachTask(w, l, func(t *taskUse) []usage { return t.images }, func(c chain, t *taskUse, u usage) {
		execution := asRole(t.execution)
		c.needs(u.at, need{who: execution, resource: "*", endpoints: []string{"ecr.api"}}, "ecr:GetAuthorizationToken")
		c.needs(u.at, need{who: execution, resource: u.arn, endpoints: []string{"ecr.api", "ecr.dkr"}},
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
		layers := need{who: anybody(), action: "s3:GetObject", resource: c.id.bucketARN("prod-" + c.id.region + "-starport-layer-bucket/x"), context: secureRequest(nil)}
		c.report(u.at, layers, c.id.Through("s3", layers.who, layers.action, layers.resource, layers.context))
	})
}

// checkTaskLogs: the execution role writes to the log group. (Amazon ECS Developer Guide, awslogs log driver.)
func checkTaskLogs(w *World, l *Looking) {
	eachTask(w, l, func(t *taskUse) []usage { return t.groups }, func(c chain, t *taskUse, u usage) {
		c.needs(u.at, need{who: asRole(t.execution), resource: u.arn + ":log-stream:" + u.detail + "/x/x", endpoints: []string{"logs"}},
			"logs:CreateLogStream", "logs:PutLogEvents")
	})
}

// checkInjectedSecrets: the execution role reads what ECS injects. (Amazon ECS Developer Guide, passing sensitive data.)
func checkInjectedSecrets(w *World, l *Looking) {
	eachTask(w, l, func(t *taskUse) []usage { return t.injected }, func(c chain, t *taskUse, u usage) {
		if u.arn == "" {
			c.parameter(t, u)
			return
		}
		c.reads(u.at, asRole(t.execution), u.arn)
	})
}

// parameter asks for a parameter of Systems Manager, given by ARN or name.
func (c chain) parameter(t *taskUse, u usage) {
	arn := u.at.value.String()
	if !strings.HasPrefix(arn, "arn:") {
		arn = c.id.arn("ssm", "parameter/"+strings.TrimPrefix(arn, "/"))
	}
	c.needs(u.at, need{who: asRole(t.execution), resource: arn, endpoints: []string{"ssm"}}, "ssm:GetParameters")
}

// checkNamedSecrets: the task role reads the secrets that the environment names.
func checkNamedSecrets(w *World, l *Looking) {
	eachTask(w, l, func(t *taskUse) []usage { return t.named }, func(c chain, t *taskUse, u usage) {
		c.reads(u.at, asRole(t.task), u.arn)
	})
}

// reads asks for the reading of a secret and for its key.
func (c chain) reads(at place, who Principal, secret string) {
	c.needs(at, need{who: who, resource: secret, endpoints: []string{"secretsmanager"}}, "secretsmanager:GetSecretValue")
	c.secretKey(at, who, secret, "kms:Decrypt")
}

// secretKey asks for the use of a secret's key, if it is a customer's. (Secrets Manager User Guide, secret encryption.)
func (c chain) secretKey(at place, who Principal, secret string, actions ...string) {
	key, known := c.keyOf(secret)
	switch {
	case !known:
		c.l.Unsure(at.resource, at.path, who.String()+" may use the key of "+secret, "the secret is not in the templates")
	case key != "":
		c.needs(at, need{who: who, resource: key, context: c.through("secretsmanager", "SecretARN", secret)}, actions...)
	}
}

// checkTraces: the task role sends what a collector exports to X-Ray. (AWS X-Ray Developer Guide, actions.)
func checkTraces(w *World, l *Looking) {
	eachTask(w, l, func(t *taskUse) []usage { return t.collectors }, func(c chain, t *taskUse, u usage) {
		c.needs(u.at, need{who: asRole(t.task), resource: "*", endpoints: []string{"xray"}}, "xray:PutTraceSegments", "xray:PutTelemetryRecords")
	})
}

// checkRoleTrust: whoever gets a role may assume it.
func checkRoleTrust(w *World, l *Looking) {
	c := newChain(w, l)
	for _, r := range c.id.Roles {
		for _, use := range c.id.users[r.ARN] {
			l.Look()
			who := asService(use.service)
			if regionalName := asService(regional(use.service, c.id.region)); c.id.Can(regionalName, "sts:AssumeRole", r.ARN, use.context).Allowed == Yes {
				who = regionalName
			}
			c.needs(use.at, need{who: who, resource: r.ARN, context: use.context}, "sts:AssumeRole")
		}
	}
}

// checkRotation: each generated secret has somebody who rotates it, and they may do all that takes. (Secrets Manager User
// Guide, rotation function permissions.)
func checkRotation(w *World, l *Looking) {
	c := newChain(w, l)
	rotated := map[string]bool{}
	for _, r := range w.OfType("AWS::SecretsManager::RotationSchedule") {
		rotated[c.id.target(r.At("SecretId"))] = true
	}
	for _, secret := range w.OfType("AWS::SecretsManager::Secret") {
		l.Look()
		arn := arnOf(secret)
		for _, g := range c.id.WhoCan("secretsmanager:PutSecretValue", arn) {
			if g.Unknown == "" && g.Principal.Kind == awsPrincipal && g.Principal != anybody() {
				rotated[arn] = true
				c.rotates(g, arn)
			}
		}
		if !rotated[arn] && secret.At("GenerateSecretString").Exists() {
			l.unrotated(secret)
		}
	}
}

func (l *Looking) unrotated(secret *Resource) {
	const path, found, needed = "GenerateSecretString", "nobody may put a new value", "a role that rotates the secret, or a RotationSchedule"
	if reason := secret.Metadata.Field("Exemptions").Field(path).String(); reason != "" {
		l.Exempt(secret, path, found, needed, reason)
		return
	}
	l.FailText(secret, "", found, needed, "allow the rotating role secretsmanager:PutSecretValue")
}

func (c chain) rotates(g Grant, secret string) {
	s := g.Statements[0]
	at := place{resource: s.Policy.Source, path: s.Path}
	endpoints := []string{"secretsmanager"}
	if !c.id.runsTask(g.Principal.ID) {
		endpoints = nil
	}
	c.needs(at, need{who: g.Principal, resource: secret, endpoints: endpoints}, "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
		"secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage")
	c.needs(at, need{who: g.Principal, resource: "*", endpoints: endpoints}, "secretsmanager:GetRandomPassword")
	c.secretKey(at, g.Principal, secret, "kms:Decrypt", "kms:GenerateDataKey")
}

// runsTask tells whether a role is a task role.
func (id *Identity) runsTask(arn string) bool {
	for _, t := range id.tasks {
		if t.task == arn {
			return true
		}
	}
	return false
}
