package simulator

import (
	"slices"
	"time"
)

// releases are what AWS CodeDeploy knows.
type releases struct {
	applications map[string]*resource
	groups       map[string]*deploymentGroup // by application and name
	configs      map[string]*resource
	deployments  []*deployment // oldest first
	plans        map[string]ReleasePlan
}

func newReleases() releases {
	return releases{applications: map[string]*resource{}, groups: map[string]*deploymentGroup{}, configs: map[string]*resource{}, plans: map[string]ReleasePlan{}}
}

// A deploymentGroup says what is deployed, and how (CodeDeploy API reference, DeploymentGroupInfo).
type deploymentGroup struct {
	id, application, name, config string
	// cluster and service are the ECS service's.
	cluster, service string
	// listener and test are the ARNs of the routes; pair are the names of the target groups.
	listener, test string
	pair           []string
	alarms         alarmConfiguration
	rollback       autoRollback
	// ready and termination are the waits of a blue/green deployment.
	ready, termination time.Duration
	// stops tells that a deployment waits until it is continued; keeps that the blue task set stays.
	stops, keeps bool
	// members are the template's properties in the API's form.
	members map[string]any
}

// An alarmConfiguration are the alarms that stop a deployment (API reference, AlarmConfiguration).
type alarmConfiguration struct {
	enabled, ignores bool
	names            []string
	members          any
}

// An autoRollback tells what a deployment is rolled back for (API reference, AutoRollbackConfiguration).
type autoRollback struct {
	enabled bool
	events  []string
	members any
}

// What a deployment is rolled back for (API reference, AutoRollbackConfiguration).
const (
	onFailure = "DEPLOYMENT_FAILURE"
	onAlarm   = "DEPLOYMENT_STOP_ON_ALARM"
	onRequest = "DEPLOYMENT_STOP_ON_REQUEST"
)

func (s *Simulator) releaseActions() map[string]action {
	return map[string]action{"CreateDeployment": s.createDeployment, "GetDeployment": s.getDeployment, "BatchGetDeployments": s.batchGetDeployments, "ListDeployments": s.listDeployments,
		"ListDeploymentTargets": s.listDeploymentTargets, "GetDeploymentTarget": s.getDeploymentTarget, "BatchGetDeploymentTargets": s.batchGetDeploymentTargets,
		"StopDeployment": s.stopDeployment, "ContinueDeployment": s.continueDeployment, "GetDeploymentGroup": s.getDeploymentGroup, "ListDeploymentGroups": s.listDeploymentGroups,
		"GetApplication": s.getApplication, "GetDeploymentConfig": s.getDeploymentConfig, "GetApplicationRevision": s.getApplicationRevision}
}

// adjustRelease takes a resource of CodeDeploy over.
func (s *Simulator) adjustRelease(r *resource) {
	switch r.typ {
	case "AWS::CodeDeploy::Application":
		s.releases.applications[r.physical] = r
	case "AWS::CodeDeploy::DeploymentConfig":
		s.releases.configs[r.physical] = r
	case "AWS::CodeDeploy::DeploymentGroup":
		key := propertyText(r, "ApplicationName") + "/" + r.physical
		g := s.newGroup(r)
		if old := s.releases.groups[key]; old != nil {
			g.id = old.id
		}
		s.releases.groups[key] = g
	}
}

// vanishRelease ends a resource of CodeDeploy. A deployment of a group that is gone goes on (assumed).
func (s *Simulator) vanishRelease(r *resource) {
	switch r.typ {
	case "AWS::CodeDeploy::Application":
		delete(s.releases.applications, r.physical)
	case "AWS::CodeDeploy::DeploymentConfig":
		delete(s.releases.configs, r.physical)
	case "AWS::CodeDeploy::DeploymentGroup":
		delete(s.releases.groups, propertyText(r, "ApplicationName")+"/"+r.physical)
	}
}

// newGroup reads a deployment group as the template has it.
func (s *Simulator) newGroup(r *resource) *deploymentGroup {
	g := &deploymentGroup{id: s.nextID(), application: propertyText(r, "ApplicationName"), name: r.physical, config: propertyText(r, "DeploymentConfigName")}
	g.members, _ = s.shapes.of(r.properties).(map[string]any)
	if g.config == "" {
		g.config = allAtOnce
	}
	for _, service := range structures(g.members["ecsServices"]) {
		g.cluster, g.service = nameOf(textOf(service["clusterName"])), textOf(service["serviceName"])
	}
	balancers, _ := g.members["loadBalancerInfo"].(map[string]any)
	for _, pair := range structures(balancers["targetGroupPairInfoList"]) {
		g.listener, g.test = routeOf(pair["prodTrafficRoute"]), routeOf(pair["testTrafficRoute"])
		for _, target := range structures(pair["targetGroups"]) {
			g.pair = append(g.pair, textOf(target["name"]))
		}
	}
	g.alarms, g.rollback = alarmsIn(g.members["alarmConfiguration"]), rollbackIn(g.members["autoRollbackConfiguration"])
	style, _ := g.members["blueGreenDeploymentConfiguration"].(map[string]any)
	ready, _ := style["deploymentReadyOption"].(map[string]any)
	blue, _ := style["terminateBlueInstancesOnDeploymentSuccess"].(map[string]any)
	g.stops, g.ready = ready["actionOnTimeout"] == "STOP_DEPLOYMENT", minutes(ready["waitTimeInMinutes"])
	g.keeps, g.termination = blue["action"] == "KEEP_ALIVE", minutes(blue["terminationWaitTimeInMinutes"])
	return g
}

// structures are the structures of a list.
func structures(v any) []map[string]any {
	var all []map[string]any
	list, _ := v.([]any)
	for _, item := range list {
		if m, is := item.(map[string]any); is {
			all = append(all, m)
		}
	}
	return all
}

// words are the texts of a list.
func words(v any) []string {
	var all []string
	list, _ := v.([]any)
	for _, item := range list {
		all = append(all, textOf(item))
	}
	return all
}

// routeOf is the listener of a traffic route, which has one at most (API reference, TrafficRoute).
func routeOf(v any) string {
	route, _ := v.(map[string]any)
	return textOf(route["listenerArns"])
}

func minutes(v any) time.Duration { return time.Duration(integer(v, 0)) * time.Minute }

// alarmsIn reads an alarm configuration.
func alarmsIn(v any) alarmConfiguration {
	m, _ := v.(map[string]any)
	a := alarmConfiguration{enabled: m["enabled"] == true, ignores: m["ignorePollAlarmFailure"] == true}
	if m != nil {
		a.members = v
	}
	for _, one := range structures(m["alarms"]) {
		a.names = append(a.names, textOf(one["name"]))
	}
	return a
}

// rollbackIn reads a configuration of automatic rollbacks.
func rollbackIn(v any) autoRollback {
	m, _ := v.(map[string]any)
	a := autoRollback{enabled: m["enabled"] == true, events: words(m["events"])}
	if m != nil {
		a.members = v
	}
	return a
}

// for tells whether something is rolled back for.
func (a autoRollback) on(event string) bool { return a.enabled && slices.Contains(a.events, event) }
