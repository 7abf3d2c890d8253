package simulator

import (
	"slices"
)

// deployment is the one that a call names.
func (s *Simulator) deployment(c *call) (*deployment, error) {
	id := c.text("deploymentId")
	if id == "" {
		return nil, refuse("DeploymentIdRequiredException", "Deployment ID is required")
	}
	for _, d := range s.releases.deployments {
		if d.id == id {
			return d, nil
		}
	}
	return nil, refuse("DeploymentDoesNotExistException", "The deployment %s could not be found", id)
}

func (s *Simulator) getDeployment(c *call) (any, error) {
	d, err := s.deployment(c)
	if err != nil {
		return nil, err
	}
	return map[string]any{"deploymentInfo": d.members()}, nil
}

// batchGetDeployments tells of up to 25 deployments; what is not there is left out (API reference).
func (s *Simulator) batchGetDeployments(c *call) (any, error) {
	ids := c.texts("deploymentIds")
	if len(ids) == 0 || len(ids) > 25 {
		return nil, refuse("BatchLimitExceededException", "The maximum number of deployments, 25, was exceeded, or there are none.")
	}
	found, _ := named(s.releases.deployments, ids, func(d *deployment, id string) bool { return d.id == id })
	list := []any{}
	for _, d := range found {
		list = append(list, d.members())
	}
	return map[string]any{"deploymentsInfo": list}, nil
}

// members are DeploymentInfo's (API reference). The content of the AppSpec is never told, only its hash (GetDeployment); the overview comes
// when the deployment is over, and counts its one target (published run, dop-c02 lab ecs-bluegreen-codedeploy).
func (d *deployment) members() map[string]any {
	m := map[string]any{"deploymentId": d.id, "applicationName": d.group.application, "deploymentGroupName": d.group.name, "deploymentConfigName": d.config, "status": d.status, "creator": d.creator,
		"createTime": epochSeconds(d.created), "computePlatform": "ECS", "deploymentStyle": d.group.members["deploymentStyle"], "loadBalancerInfo": d.group.members["loadBalancerInfo"],
		"blueGreenDeploymentConfiguration": d.group.members["blueGreenDeploymentConfiguration"], "instanceTerminationWaitTimeStarted": d.waiting, "deploymentStatusMessages": []any{},
		"fileExistsBehavior": "DISALLOW", "ignoreApplicationStopFailures": false, "updateOutdatedInstancesOnly": false, "autoRollbackConfiguration": d.rollback.members,
		"revision": map[string]any{"revisionType": "AppSpecContent", "appSpecContent": map[string]any{"sha256": d.spec.hash}}}
	for name, v := range map[string]any{"description": d.description, "overrideAlarmConfiguration": d.overridden} {
		if v != nil && v != "" {
			m[name] = v
		}
	}
	if !d.started.IsZero() {
		m["startTime"] = epochSeconds(d.started)
	}
	if !d.completed.IsZero() {
		m["completeTime"] = epochSeconds(d.completed)
		m["deploymentOverview"] = map[string]any{"Pending": 0, "InProgress": 0, "Succeeded": count(d.status == "Succeeded"), "Failed": count(d.status != "Succeeded"), "Skipped": 0, "Ready": 0}
	}
	if d.code != "" {
		m["errorInformation"] = map[string]any{"code": d.code, "message": d.message}
	}
	switch {
	case d.rollbackID != "":
		m["rollbackInfo"] = map[string]any{"rollbackDeploymentId": d.rollbackID, "rollbackMessage": d.rollbackMessage}
	case d.triggering != "":
		m["rollbackInfo"] = map[string]any{"rollbackTriggeringDeploymentId": d.triggering, "rollbackMessage": d.rollbackMessage}
	}
	return m
}

func count(is bool) int { return map[bool]int{true: 1}[is] }

// perPage is how many deployments a page of a list has (assumed).
const perPage = 100

// listDeployments lists those of a group, or of all, the newest first (the order is assumed; API reference, ListDeployments).
func (s *Simulator) listDeployments(c *call) (any, error) {
	var of *deploymentGroup
	if c.text("applicationName") != "" || c.text("deploymentGroupName") != "" {
		g, err := s.deploymentGroup(c, "deploymentGroupName")
		if err != nil {
			return nil, err
		}
		of = g
	}
	within, _ := c.body["createTimeRange"].(map[string]any)
	start, _ := within["start"].(float64)
	end, until := within["end"].(float64)
	ids, statuses := []string{}, c.texts("includeOnlyStatuses")
	for _, d := range slices.Backward(s.releases.deployments) {
		at := epochSeconds(d.created)
		if of != nil && (d.group.application != of.application || d.group.name != of.name) || len(statuses) > 0 && !slices.Contains(statuses, d.status) || at < start || until && at > end {
			continue
		}
		ids = append(ids, d.id)
	}
	return paged(c, "deployments", "nextToken", perPage, ids), nil
}

// targetID is that of a deployment's one target, the service (API reference, BatchGetDeploymentTargets).
func (d *deployment) targetID() string { return d.group.cluster + ":" + d.group.service }

// begun refuses a deployment that has not started: it has no targets yet (API reference, DeploymentNotStartedException).
func (s *Simulator) begun(c *call) (*deployment, error) {
	d, err := s.deployment(c)
	if err == nil && d.started.IsZero() {
		return nil, refuse("DeploymentNotStartedException", "The deployment %s has not started", d.id)
	}
	return d, err
}

func (s *Simulator) listDeploymentTargets(c *call) (any, error) {
	d, err := s.begun(c)
	if err != nil {
		return nil, err
	}
	filters, _ := c.body["targetFilters"].(map[string]any)
	ids := []string{}
	if statuses := words(filters["TargetStatus"]); len(statuses) == 0 || slices.Contains(statuses, d.target) {
		ids = append(ids, d.targetID())
	}
	return map[string]any{"targetIds": ids}, nil
}

func (s *Simulator) getDeploymentTarget(c *call) (any, error) {
	d, err := s.begun(c)
	switch {
	case err != nil:
		return nil, err
	case c.text("targetId") != d.targetID():
		return nil, refuse("DeploymentTargetDoesNotExistException", "The deployment target %s does not exist in the deployment %s", c.text("targetId"), d.id)
	}
	return map[string]any{"deploymentTarget": s.targetMembers(d)}, nil
}

func (s *Simulator) batchGetDeploymentTargets(c *call) (any, error) {
	d, err := s.begun(c)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, id := range c.texts("targetIds") {
		if id != d.targetID() {
			return nil, refuse("DeploymentTargetDoesNotExistException", "The deployment target %s does not exist in the deployment %s", id, d.id)
		}
		list = append(list, s.targetMembers(d))
	}
	return map[string]any{"deploymentTargets": list}, nil
}

// targetMembers are DeploymentTarget's of the type ECSTarget.
func (s *Simulator) targetMembers(d *deployment) map[string]any {
	events, sets := []any{}, []any{}
	for _, e := range d.events {
		m := map[string]any{"lifecycleEventName": e.name, "status": e.status}
		if !e.began.IsZero() {
			m["startTime"] = epochSeconds(e.began)
		}
		if !e.ended.IsZero() {
			m["endTime"] = epochSeconds(e.ended)
		}
		events = append(events, m)
	}
	if d.blue != nil {
		sets = append(sets, d.blue.told(d, "Blue"))
	}
	if d.green != nil {
		sets = append(sets, d.green.told(d, "Green"))
	}
	return map[string]any{"deploymentTargetType": "ECSTarget", "ecsTarget": map[string]any{"deploymentId": d.id, "targetId": d.targetID(), "status": d.target, "lifecycleEvents": events, "taskSetsInfo": sets,
		"targetArn": s.arn("ecs", "service/"+d.group.cluster+"/"+d.group.service), "lastUpdatedAt": epochSeconds(d.touched)}}
}

// told are the members of ECSTaskSet, whose weight is what the deployment gave it last.
func (set *taskSet) told(d *deployment, label string) map[string]any {
	share := d.share
	if set == d.blue {
		share = 100 - d.share
	}
	wanted := d.service.wanted(set)
	return map[string]any{"identifer": set.id, "desiredCount": wanted, "runningCount": set.running, "pendingCount": max(wanted-set.running, 0), "status": set.status, "trafficWeight": float64(share),
		"targetGroup": map[string]any{"name": nameOfTarget(set.target)}, "taskSetLabel": label}
}
