package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"gopkg.in/yaml.v3"
)

// A deployment is one of AWS CodeDeploy.
type deployment struct {
	id, creator, description, config string
	group                            *deploymentGroup
	spec                             appSpec
	routing                          map[string]any
	alarms                           alarmConfiguration
	rollback                         autoRollback
	// overridden is the alarm configuration that the call gave.
	overridden                  any
	status, code, message       string
	created, started, completed time.Time
	// rollbackID is the deployment that rolls this one back; triggering the one that this rolls back.
	rollbackID, triggering, rollbackMessage string
	// phase is what it does; turn counts what ended its plans.
	phase string
	turn  int
	// restless counts the times that the service was not steady; unsteady tells that it is not now.
	restless int
	unsteady bool
	service  *containerService
	// blue and green are the original and the replacement task set; share is green's of the traffic.
	blue, green *taskSet
	share       int
	events      []*lifecycleEvent
	// target is the status of the deployment's one target, the service.
	target  string
	touched time.Time
	waiting bool
	plan    ReleasePlan
}

// Phases of a deployment.
const (
	created     = "created"
	installing  = "installing"
	ready       = "ready"
	shifting    = "shifting"
	baking      = "baking" // the termination wait
	terminating = "terminating"
	over        = "over"
)

// An appSpec is what a deployment runs (CodeDeploy User Guide, "AppSpec 'resources' section for Amazon ECS deployments").
type appSpec struct {
	content, hash         string
	definition, container string
	port                  int
	platform              string
	network               any
	strategy              []any
}

// createDeployment begins one (API reference, CreateDeployment). That the AppSpec is compared with the service and the task definition now,
// and not when the deployment begins, is assumed.
func (s *Simulator) createDeployment(c *call) (any, error) {
	g, err := s.deploymentGroup(c, "deploymentGroupName")
	if err != nil {
		return nil, err
	}
	d := &deployment{creator: "user", description: c.text("description"), config: g.config, group: g, alarms: g.alarms, rollback: g.rollback, overridden: c.body["overrideAlarmConfiguration"],
		status: "Created", phase: created, target: "Pending", created: s.present(), touched: s.present(), plan: s.releases.plans[g.service]}
	if name := c.text("deploymentConfigName"); name != "" {
		d.config = name
	}
	if d.routing = s.routing(d.config); d.routing == nil {
		return nil, refuse("DeploymentConfigDoesNotExistException", "No deployment configuration found for name: %s", d.config)
	}
	if d.overridden != nil {
		d.alarms = alarmsIn(d.overridden)
	}
	if len(d.alarms.names) > 10 {
		return nil, refuse("AlarmsLimitExceededException", "The maximum number of alarms, 10, has been exceeded.")
	}
	if given := c.body["autoRollbackConfiguration"]; given != nil {
		d.rollback = rollbackIn(given)
	}
	if d.spec, err = s.revision(c); err == nil {
		err = s.suits(g, d.spec)
	}
	if err != nil {
		return nil, err
	}
	if running := s.active(g); running != nil {
		return nil, refuse("DeploymentLimitExceededException", "The Deployment Group '%s' already has an active Deployment '%s'", g.name, running.id)
	}
	s.enter(d)
	if !d.plan.Stuck {
		s.later(d, s.durations.of("AWS::CodeDeploy::Deployment", "START").Took, func() { s.startRelease(d) })
	}
	return map[string]any{"deploymentId": d.id}, nil
}

// enter gives a deployment its ID, d- and nine characters, and keeps it.
func (s *Simulator) enter(d *deployment) {
	sum := sha256.Sum256([]byte(s.nextID()))
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	id := []byte("d-")
	for _, b := range sum[:9] {
		id = append(id, letters[int(b)%len(letters)])
	}
	d.id = string(id)
	d.events = d.group.lifecycle()
	s.releases.deployments = append(s.releases.deployments, d)
}

// deploymentGroup is the group that a call names.
func (s *Simulator) deploymentGroup(c *call, name string) (*deploymentGroup, error) {
	application := c.text("applicationName")
	switch {
	case application == "":
		return nil, refuse("ApplicationNameRequiredException", "Application name is required")
	case s.releases.applications[application] == nil:
		return nil, refuse("ApplicationDoesNotExistException", "No application found for name: %s", application)
	case c.text(name) == "":
		return nil, refuse("DeploymentGroupNameRequiredException", "Deployment Group name is required")
	}
	g := s.releases.groups[application+"/"+c.text(name)]
	if g == nil {
		return nil, refuse("DeploymentGroupDoesNotExistException", "No Deployment Group found for name: %s", c.text(name))
	}
	return g, nil
}

// active is a group's deployment that is not over: there is one at most (CodeDeploy User Guide, "CodeDeploy limits").
func (s *Simulator) active(g *deploymentGroup) *deployment {
	for _, d := range s.releases.deployments {
		if d.group.application == g.application && d.group.name == g.name && d.phase != over {
			return d
		}
	}
	return nil
}

// revision reads the AppSpec of a call.
func (s *Simulator) revision(c *call) (appSpec, error) {
	given, _ := c.body["revision"].(map[string]any)
	if given == nil {
		return appSpec{}, refuse("RevisionRequiredException", "Revision is required")
	}
	content, _ := given["appSpecContent"].(map[string]any)
	if given["revisionType"] != "AppSpecContent" || textOf(content["content"]) == "" {
		return appSpec{}, refuse("InvalidRevisionException", "The simulator takes revisions of the type AppSpecContent with content only")
	}
	spec := appSpec{content: textOf(content["content"])}
	sum := sha256.Sum256([]byte(spec.content))
	spec.hash = hex.EncodeToString(sum[:])
	if hash := textOf(content["sha256"]); hash != "" && hash != spec.hash {
		return spec, refuse("InvalidRevisionException", "The SHA256 hash of the AppSpec content does not match: %s", hash)
	}
	return spec, spec.read(s.shapes)
}

// read takes the content apart: YAML, or JSON, which is YAML too.
func (a *appSpec) read(known shapes) error {
	var content struct {
		Resources []struct {
			TargetService struct {
				Properties map[string]any `yaml:"Properties"`
			} `yaml:"TargetService"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(a.content), &content); err != nil {
		return refuse("InvalidRevisionException", "The AppSpec content is neither YAML nor JSON: %v", err)
	}
	if len(content.Resources) != 1 {
		return refuse("InvalidRevisionException", "The AppSpec content has %d resources; it needs one TargetService", len(content.Resources))
	}
	m, _ := known.of(content.Resources[0].TargetService.Properties).(map[string]any)
	balancer, _ := m["loadBalancerInfo"].(map[string]any)
	a.definition, a.container, a.port = textOf(m["taskDefinition"]), textOf(balancer["containerName"]), integer(balancer["containerPort"], 0)
	a.platform, a.network = textOf(m["platformVersion"]), m["networkConfiguration"]
	a.strategy, _ = m["capacityProviderStrategy"].([]any)
	return nil
}

// suits compares an AppSpec with what there is: the revision must be active, its container and port must be those behind the load balancer.
func (s *Simulator) suits(g *deploymentGroup, a appSpec) error {
	d := s.definition(a.definition)
	if d == nil || d.arn != a.definition || d.status != "ACTIVE" {
		return refuse("InvalidRevisionException", "The task definition %s does not exist or is not ACTIVE", a.definition)
	}
	found := false
	for _, c := range d.containers() {
		found = found || textOf(c["Name"]) == a.container
	}
	if !found {
		return refuse("InvalidRevisionException", "The container %s does not exist in the task definition %s", a.container, a.definition)
	}
	if cs := s.serviceOf(g); cs != nil && fmt.Sprint(cs.port()) != fmt.Sprint(a.port) {
		return refuse("InvalidRevisionException", "The container %s and port %d are not those of the service's load balancer", a.container, a.port)
	}
	return nil
}

// serviceOf is a group's ECS service; nil when it is not there.
func (s *Simulator) serviceOf(g *deploymentGroup) *containerService {
	for _, cs := range s.servicesIn(g.cluster, "ACTIVE") {
		if cs.name == g.service && cs.controller == "CODE_DEPLOY" {
			return cs
		}
	}
	return nil
}
