package checks

import (
	_ "embed"
	"strings"
)

//go:embed roles.txt
var rolesText string

// roleUse is a resource that hands a role to a service.
type roleUse struct {
	at      place
	service string
	// context are the condition keys that the service sends when it assumes the role.
	context map[string][]string
	// group is the ARN of the schedule group that the service names as source.
	group string
}

// findUses finds who uses which role, and what task definitions use.
func (id *Identity) findUses() {
	id.users, id.families = map[string][]roleUse{}, map[string]*taskUse{}
	for _, fields := range tableRows(rolesText) {
		for _, r := range id.world.OfType(fields[0]) {
			for _, at := range placeOf(r).each(fields[1]) {
				id.use(at, fields[2], fields[3:])
			}
		}
	}
	for _, r := range id.world.OfType("AWS::ECS::TaskDefinition") {
		t := newTaskUse(id, r)
		id.tasks = append(id.tasks, t)
		for _, name := range []string{r.At("Family").String(), r.Identity()} {
			id.families[name] = t
		}
	}
}

func (id *Identity) use(at place, service string, keys []string) {
	arn := id.roleARN(at.value)
	if arn == "" {
		return
	}
	u := roleUse{at: at, service: service, context: map[string][]string{}}
	group := id.target(at.resource.At("GroupName"))
	if !strings.HasPrefix(group, "arn:") {
		group = id.arn("scheduler", "schedule-group/"+group)
	}
	for _, key := range keys {
		if name, form, ok := strings.Cut(key, "="); ok {
			text := strings.ReplaceAll(form, "{group}", group)
			if text != form {
				u.group = group
			}
			u.context[name] = []string{at.resource.Stack.fill(at.resource, text).String()}
		}
	}
	id.users[arn] = append(id.users[arn], u)
}

// arn makes an ARN of the world's account and region.
func (id *Identity) arn(service, resource string) string {
	return "arn:" + id.partition + ":" + service + ":" + id.region + ":" + id.account + ":" + resource
}

// bucketARN is the ARN of a bucket given by its name.
func (id *Identity) bucketARN(name string) string {
	return "arn:" + id.partition + ":s3:::" + name
}

// handedTo tells whether some resource hands a role to a service.
func (id *Identity) handedTo(role, service string) bool {
	for _, use := range id.users[role] {
		if use.service == service || regional(use.service, id.region) == service {
			return true
		}
	}
	return false
}

// regional is a service principal's name in a region.
func regional(service, region string) string {
	return strings.Replace(service, ".amazonaws.com", "."+region+".amazonaws.com", 1)
}

// deploys tells whether CloudFormation may assume a role: it is named when a stack is made, outside of templates.
func (id *Identity) deploys(role *Role) bool {
	for _, p := range id.on[role.ARN] {
		for _, s := range p.Statements {
			for _, name := range s.servicesNamed() {
				if s.allows() && name == "cloudformation.amazonaws.com" {
					return true
				}
			}
		}
	}
	return false
}

// taskUse is what a task definition uses.
type taskUse struct {
	resource        *Resource
	task, execution string // ARNs of its roles
	images          []usage
	groups          []usage
	injected, named []usage // secrets in Secrets, and those whose ARN stands in Environment
	collectors      []usage // configurations of collectors that send traces to X-Ray
}

// usage is a thing used, by its ARN, and where that is written.
type usage struct {
	at  place
	arn string
	// detail is the log stream's prefix.
	detail string
}

func newTaskUse(id *Identity, r *Resource) *taskUse {
	t := &taskUse{resource: r, task: id.roleARN(r.At("TaskRoleArn")), execution: id.roleARN(r.At("ExecutionRoleArn"))}
	for _, container := range placeOf(r).each("ContainerDefinitions[]") {
		t.addImage(id, container.field("Image"))
		t.addGroup(id, container)
		for _, secret := range container.each("Secrets[].ValueFrom") {
			t.note(&t.injected, secret, id.secretIn(secret.value.String()), "")
		}
		for _, variable := range container.each("Environment[]") {
			t.addVariable(id, variable)
		}
	}
	return t
}

func (t *taskUse) note(list *[]usage, at place, arn, detail string) {
	*list = append(*list, usage{at: at, arn: arn, detail: detail})
}

// addImage notes the repository of an image in ECR.
func (t *taskUse) addImage(id *Identity, image place) {
	image.value = withoutDigest(image)
	registry, rest, _ := strings.Cut(image.value.String(), "/")
	parts := strings.Split(registry, ".")
	if image.value.Unknown() == "" && (len(parts) < 6 || parts[1] != "dkr" || parts[2] != "ecr") {
		return
	}
	arn := ""
	if len(parts) > 3 {
		name, _, _ := strings.Cut(rest, "@")
		name, _, _ = strings.Cut(name, ":")
		arn = "arn:" + id.partition + ":ecr:" + parts[3] + ":" + parts[0] + ":repository/" + name
	}
	t.note(&t.images, image, arn, "")
}

// withoutDigest resolves an image whose digest is not known: the repository is.
func withoutDigest(image place) Value {
	if image.value.Unknown() == "" || image.source == nil || image.source.kind != functionExpression || image.source.text != "Sub" {
		return image.value
	}
	text, _, found := strings.Cut(image.source.items[0].scalar(), "@")
	if !found {
		return image.value
	}
	return image.resource.Stack.sub(&expression{kind: scalarExpression, text: text})
}

// addGroup notes the log group of a container with the awslogs driver.
func (t *taskUse) addGroup(id *Identity, container place) {
	log := container.field("LogConfiguration")
	if log.field("LogDriver").value.String() != "awslogs" {
		return
	}
	group := log.field("Options").field("awslogs-group")
	name := group.value.String()
	if arn := id.target(group.value); strings.HasPrefix(arn, "arn:") {
		name = logGroupName(arn)
	}
	prefix := log.field("Options").field("awslogs-stream-prefix").value.String()
	t.note(&t.groups, group, id.arn("logs", "log-group:"+name), prefix)
}

// logGroupName is the name in a log group's ARN.
func logGroupName(arn string) string {
	_, name, _ := strings.Cut(arn, ":log-group:")
	return strings.TrimSuffix(name, ":*")
}

// addVariable notes a secret that a variable names, and the configuration of a collector.
func (t *taskUse) addVariable(id *Identity, variable place) {
	value := variable.field("Value")
	text := value.value.String()
	if arn := id.secretIn(text); arn != "" {
		t.note(&t.named, value, arn, "")
	}
	if strings.HasPrefix(variable.field("Name").value.String(), "AOT_CONFIG") && strings.Contains(text, "awsxray") {
		t.note(&t.collectors, value, "*", "")
	}
}

// secretIn is the ARN at the beginning of a reference to a secret or one of its keys.
func (id *Identity) secretIn(text string) string {
	if before, _, _ := strings.Cut(text, ":"); strings.HasSuffix(before, ".MasterUserSecret.SecretArn") {
		return before
	}
	parts := strings.Split(text, ":")
	if len(parts) < 7 || parts[0] != "arn" || parts[2] != "secretsmanager" {
		return ""
	}
	return strings.Join(parts[:7], ":")
}
