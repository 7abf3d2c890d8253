package simulator

import (
	"strings"
	"time"
)

// A logGroup is one of CloudWatch Logs.
type logGroup struct {
	name, key string
	retention int
	at        time.Time
	lines     []logLine
}

type logLine struct {
	stream, text string
	at           time.Time
}

func (s *Simulator) logActions() map[string]action {
	return map[string]action{"DescribeLogGroups": s.describeLogGroups, "DeleteLogGroup": s.deleteLogGroup, "GetLogEvents": s.streamEvents, "FilterLogEvents": s.getLogEvents,
		"DescribeLogStreams": s.describeLogStreams}
}

func (s *Simulator) logGroup(c *call) (*logGroup, error) {
	name := c.text("logGroupName")
	if name == "" {
		name = strings.TrimSuffix(nameOfGroup(c.text("logGroupIdentifier")), ":*")
	}
	if g := s.logGroups[name]; g != nil {
		return g, nil
	}
	return nil, refuse("ResourceNotFoundException", "The specified log group does not exist.")
}

// nameOfGroup is a log group's name in its ARN.
func nameOfGroup(arn string) string {
	if _, name, is := strings.Cut(arn, ":log-group:"); is {
		return name
	}
	return arn
}

func (s *Simulator) describeLogGroups(c *call) (any, error) {
	list := []any{}
	for _, name := range sortedKeys(s.logGroups) {
		g := s.logGroups[name]
		if !strings.HasPrefix(name, c.text("logGroupNamePrefix")) || !strings.Contains(strings.ToLower(name), strings.ToLower(c.text("logGroupNamePattern"))) {
			continue
		}
		m := map[string]any{"logGroupName": name, "arn": s.arn("logs", "log-group:"+name+":*"), "logGroupArn": s.arn("logs", "log-group:"+name), "creationTime": g.at.UnixMilli(), "storedBytes": 0}
		key, retention := s.groupFacts(g)
		if retention > 0 {
			m["retentionInDays"] = retention
		}
		if key != "" {
			m["kmsKeyId"] = key
		}
		list = append(list, m)
	}
	return paged(c, "logGroups", "nextToken", c.number("limit", 50), list), nil
}

func (s *Simulator) deleteLogGroup(c *call) (any, error) {
	g, err := s.logGroup(c)
	if err == nil {
		s.dropLogGroup(g.name)
	}
	return nil, err
}

// dropLogGroup deletes a log group; who writes to it may make it anew.
func (s *Simulator) dropLogGroup(name string) {
	delete(s.logGroups, name)
	if after, again := s.returning[name]; again {
		delete(s.returning, name)
		s.schedule.at(s.present().Add(after), func() { s.logGroups[name] = &logGroup{name: name, at: s.present()} })
	}
}

// getLogEvents is GetLogEvents for one stream and FilterLogEvents for all whose names begin so.
func (s *Simulator) getLogEvents(c *call) (any, error) {
	g, err := s.logGroup(c)
	if err != nil {
		return nil, err
	}
	list := []any{}
	for _, l := range g.lines {
		if stream := c.text("logStreamName"); stream != "" && l.stream != stream || !strings.HasPrefix(l.stream, c.text("logStreamNamePrefix")) {
			continue
		}
		list = append(list, map[string]any{"timestamp": l.at.UnixMilli(), "ingestionTime": l.at.UnixMilli(), "message": l.text, "logStreamName": l.stream})
	}
	if limit := c.number("limit", 10_000); len(list) > limit {
		list = list[len(list)-limit:]
	}
	return map[string]any{"events": list}, nil
}

func (s *Simulator) describeLogStreams(c *call) (any, error) {
	g, err := s.logGroup(c)
	if err != nil {
		return nil, err
	}
	list, seen := []any{}, map[string]bool{}
	for _, l := range g.lines {
		if !seen[l.stream] && strings.HasPrefix(l.stream, c.text("logStreamNamePrefix")) {
			seen[l.stream] = true
			list = append(list, map[string]any{"logStreamName": l.stream, "creationTime": l.at.UnixMilli()})
		}
	}
	return map[string]any{"logStreams": list}, nil
}
