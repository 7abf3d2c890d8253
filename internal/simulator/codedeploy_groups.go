package simulator

import (
	"maps"
	"strings"
)

// getDeploymentGroup tells of a group (API reference, DeploymentGroupInfo).
func (s *Simulator) getDeploymentGroup(c *call) (any, error) {
	g, err := s.deploymentGroup(c, "deploymentGroupName")
	if err != nil {
		return nil, err
	}
	m := maps.Clone(g.members)
	delete(m, "tags")
	m["deploymentGroupId"], m["deploymentGroupName"], m["applicationName"], m["deploymentConfigName"], m["computePlatform"] = g.id, g.name, g.application, g.config, "ECS"
	for _, d := range s.releases.deployments {
		if d.group.application != g.application || d.group.name != g.name {
			continue
		}
		last := map[string]any{"deploymentId": d.id, "status": d.status, "createTime": epochSeconds(d.created)}
		if !d.completed.IsZero() {
			last["endTime"] = epochSeconds(d.completed)
		}
		m["lastAttemptedDeployment"] = last
		if d.status == "Succeeded" {
			m["lastSuccessfulDeployment"] = last
		}
	}
	return map[string]any{"deploymentGroupInfo": m}, nil
}

func (s *Simulator) listDeploymentGroups(c *call) (any, error) {
	application := c.text("applicationName")
	if s.releases.applications[application] == nil {
		return nil, refuse("ApplicationDoesNotExistException", "No application found for name: %s", application)
	}
	names := []string{}
	for _, key := range sortedKeys(s.releases.groups) {
		if name, is := strings.CutPrefix(key, application+"/"); is {
			names = append(names, name)
		}
	}
	m := paged(c, "deploymentGroups", "nextToken", perPage, names)
	m["applicationName"] = application
	return m, nil
}

func (s *Simulator) getApplication(c *call) (any, error) {
	name := c.text("applicationName")
	r := s.releases.applications[name]
	if r == nil {
		return nil, refuse("ApplicationDoesNotExistException", "No application found for name: %s", name)
	}
	return map[string]any{"application": map[string]any{"applicationName": name, "computePlatform": propertyText(r, "ComputePlatform"), "createTime": epochSeconds(r.changed), "linkedToGitHub": false}}, nil
}

func (s *Simulator) getDeploymentConfig(c *call) (any, error) {
	name := c.text("deploymentConfigName")
	routing := s.routing(name)
	if routing == nil {
		return nil, refuse("DeploymentConfigDoesNotExistException", "No deployment configuration found for name: %s", name)
	}
	return map[string]any{"deploymentConfigInfo": map[string]any{"deploymentConfigName": name, "computePlatform": "ECS", "trafficRoutingConfig": routing}}, nil
}

// getApplicationRevision is where the content of an AppSpec is told, by its hash (API reference, GetDeployment, note).
func (s *Simulator) getApplicationRevision(c *call) (any, error) {
	given, _ := c.body["revision"].(map[string]any)
	content, _ := given["appSpecContent"].(map[string]any)
	for _, d := range s.releases.deployments {
		if d.spec.content != "" && d.group.application == c.text("applicationName") && d.spec.hash == textOf(content["sha256"]) {
			return map[string]any{"applicationName": d.group.application, "revision": map[string]any{"revisionType": "AppSpecContent", "appSpecContent": map[string]any{"content": d.spec.content, "sha256": d.spec.hash}}}, nil
		}
	}
	return nil, refuse("RevisionDoesNotExistException", "The revision does not exist")
}
