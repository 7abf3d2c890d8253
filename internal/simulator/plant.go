package simulator

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// errAbsent says that something is not there to plant on.
func errAbsent(what, name string) error { return fmt.Errorf("simulator: no %s %q", what, name) }

// CreateRepository makes a repository outside of any stack.
func (s *Simulator) CreateRepository(name string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.repositories[name] = &repository{name: name, arn: s.arn("ecr", "repository/"+name), at: s.present()}
}

// PutObject puts an object into a bucket, as a service that writes to it does.
func (s *Simulator) PutObject(bucketName, key, body string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	b := s.objects.buckets[bucketName]
	if b == nil {
		return errAbsent("bucket", bucketName)
	}
	s.store(b, key, []byte(body))
	return nil
}

// DeleteObject deletes an object the way a writer does: in a bucket with versions a delete marker hides it.
func (s *Simulator) DeleteObject(bucketName, key string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	b := s.objects.buckets[bucketName]
	if b == nil {
		return errAbsent("bucket", bucketName)
	}
	s.erase(b, key)
	return nil
}

// BeginUpload leaves a multipart upload unfinished.
func (s *Simulator) BeginUpload(bucketName, key string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	b := s.objects.buckets[bucketName]
	if b == nil {
		return errAbsent("bucket", bucketName)
	}
	b.uploads = append(b.uploads, upload{key, s.nextID(), s.present()})
	return nil
}

// Release does what a release by CodeDeploy leaves behind: the service's task set stands behind the other target group of its listener
// rule, runs the family's latest revision, and the weights are exchanged.
func (s *Simulator) Release(service string) error {
	return s.shift(service, 100, true)
}

// BeginRelease leaves a release half-way: a second task set takes the given share of the traffic.
func (s *Simulator) BeginRelease(service string, share int) error {
	return s.shift(service, share, false)
}

func (s *Simulator) shift(service string, share int, ended bool) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	for _, cs := range s.containers.services {
		if cs.name != service || cs.status != "ACTIVE" || len(cs.sets) == 0 {
			continue
		}
		for _, r := range s.balancing.rules {
			if r.shift(cs, share, ended, s) {
				return nil
			}
		}
	}
	return errAbsent("running service behind a rule with two target groups", service)
}

// shift moves a service's traffic to the rule's other target group; false when the rule is not the service's.
func (r *rule) shift(cs *containerService, share int, ended bool, s *Simulator) bool {
	from := cs.sets[0]
	for i, t := range r.targets {
		if t.arn != from.target || len(r.targets) != 2 {
			continue
		}
		other := 1 - i
		r.targets[i].weight, r.targets[other].weight = 100-share, share
		to := s.newSet(cs, from.definition, r.targets[other].arn)
		if d := s.definition(s.family(from.definition)); d != nil {
			to.definition = d.arn
		}
		if cs.sets = append(cs.sets, to); ended {
			s.promote(cs, to)
			cs.sets = []*taskSet{to}
		}
		return true
	}
	return false
}

// family is that of a revision's ARN.
func (s *Simulator) family(arn string) string {
	name, _, _ := strings.Cut(arn[strings.LastIndex(arn, "/")+1:], ":")
	return name
}

// Suspend suspends the scaling of a service, as a release does, or lets it go on.
func (s *Simulator) Suspend(resource string, suspended bool) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	t := s.scalables[resource]
	if t == nil {
		return errAbsent("scalable target", resource)
	}
	for name := range t.suspended {
		t.suspended[name] = suspended
	}
	return nil
}

// CreateLogGroup makes a log group as a service does that writes to one: without key and retention.
func (s *Simulator) CreateLogGroup(name string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.logGroups[name] = &logGroup{name: name, at: s.present()}
}

// RecreateLogGroup makes a log group anew a while after its deletion, once.
func (s *Simulator) RecreateLogGroup(name string, after time.Duration) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.returning[name] = after
}

// Log writes lines to a stream of a log group.
func (s *Simulator) Log(group, stream string, lines ...string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	g := s.logGroups[group]
	if g == nil {
		return errAbsent("log group", group)
	}
	for _, text := range lines {
		g.lines = append(g.lines, logLine{stream, text, s.present()})
	}
	return nil
}

// A StoppedTask is one of a service's tasks that ended.
type StoppedTask struct {
	// Cluster and Service are names; ID is the task's.
	Cluster, Service, ID string
	// Reason and Code are the task's: "Essential container in task exited", "EssentialContainerExited".
	Reason, Code string
	// Container exited with Exit, for the ContainerReason.
	Container, ContainerReason string
	Exit                       int
}

// StopTask plants a stopped task.
func (s *Simulator) StopTask(t StoppedTask) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.containers.tasks = append(s.containers.tasks, &task{arn: s.arn("ecs", "task/"+t.Cluster+"/"+t.ID), cluster: t.Cluster, service: t.Service, group: "service:" + t.Service, last: "STOPPED", desired: "STOPPED",
		reason: t.Reason, code: t.Code, created: s.present(), stopped: s.present(), containers: []any{map[string]any{"name": t.Container, "exitCode": t.Exit, "reason": t.ContainerReason, "lastStatus": "STOPPED"}}})
}

// RegisterInstances lets a Cloud Map service, given by the logical ID of its resource, have instances for a while: until then it cannot be
// deleted.
func (s *Simulator) RegisterInstances(logicalID string, while time.Duration) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	r := s.resource(logicalID)
	if r == nil {
		return errAbsent("resource", logicalID)
	}
	s.registered[r.physical] = s.present().Add(while)
	return nil
}

// resource finds one of a live stack by logical ID.
func (s *Simulator) resource(logicalID string) *resource {
	for _, name := range sortedKeys(s.stacks.live) {
		if r := s.stacks.live[name].resources[logicalID]; r != nil {
			return r
		}
	}
	return nil
}

// ScheduleSecretDeletion leaves a secret in its recovery window, as one deleted by hand is.
func (s *Simulator) ScheduleSecretDeletion(name string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	arn := s.arn("secretsmanager", "secret:"+name+"-AbCdEf")
	s.secrets[arn] = &secret{name: name, arn: arn, at: s.present(), deleted: s.present()}
}

// Physical is the physical ID of a resource of a live stack.
func (s *Simulator) Physical(logicalID string) (string, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if r := s.resource(logicalID); r != nil {
		return r.physical, nil
	}
	return "", errors.New("simulator: no resource " + logicalID)
}
