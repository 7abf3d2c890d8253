package checks

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
)

const trailType = "AWS::CloudTrail::Trail"

// checkTrails holds trails to what PCI DSS 10.2 and 10.3.4 ask. A trail that a parameter turns off is no subject; templates
// that collect audit streams but declare no trail at all lack one.
func checkTrails(w *World, l *Looking) {
	for _, r := range w.OfType(trailType) {
		l.Look()
		for _, property := range []string{"EnableLogFileValidation", "IncludeGlobalServiceEvents", "IsLogging", "IsMultiRegionTrail"} {
			v := r.At(property)
			if !v.True() && !(property == "IncludeGlobalServiceEvents" && !v.Exists()) { // which is true by default
				l.FailUnlessExcused(r, property, v, "true", "set "+property+" to true")
			}
		}
		if v := r.At("CloudWatchLogsLogGroupArn"); v.String() == "" {
			l.FailUnlessExcused(r, "CloudWatchLogsLogGroupArn", v, "a log group, where events are at hand within minutes", "set it with CloudWatchLogsRoleArn")
		}
		if v := r.At("KMSKeyId"); !customerKey(v) {
			l.FailUnlessExcused(r, "KMSKeyId", v, "a customer key", "set KMSKeyId")
		}
		for _, path := range expandPath(r.Properties, "EventSelectors[*].ReadWriteType") {
			if v := r.At(path); v.String() != "All" {
				l.FailUnlessExcused(r, path, v, "All", "record reading and writing")
			}
		}
		for _, path := range expandPath(r.Properties, "EventSelectors[*].IncludeManagementEvents") {
			if v := r.At(path); !v.True() {
				l.FailUnlessExcused(r, path, v, "true", "record management events")
			}
		}
	}
	for _, stack := range w.Stacks {
		if stack.as != nil || w.declares(stack, trailType) {
			continue
		}
		if filters := w.within(stack, "AWS::Logs::SubscriptionFilter"); len(filters) > 0 {
			l.Look()
			l.FailUnlessExcused(filters[0], "", Text("audit streams are archived, but no trail is declared"), "AWS::CloudTrail::Trail, at least under a condition", "declare a trail, or give the reason why another records this account's API calls")
		}
	}
}

// within lists the resources of a type in a root stack and the stacks nested in it.
func (w *World) within(root *Stack, kind string) []*Resource {
	return slices.DeleteFunc(w.OfType(kind), func(r *Resource) bool {
		return r.Stack != root && !strings.HasPrefix(r.Stack.Path, root.Path+"/")
	})
}

// declares tells whether a template of a root stack, or of one nested in it, has a resource of a type, whether or not it
// exists under the given conditions.
func (w *World) declares(root *Stack, kind string) bool {
	for _, s := range w.Stacks {
		if s != root && !strings.HasPrefix(s.Path, root.Path+"/") {
			continue
		}
		for _, r := range s.Template.section("Resources").items {
			if r.field("Type").scalar() == kind {
				return true
			}
		}
	}
	return false
}

//go:embed logs_database.txt
var databaseParameters string

// databaseParameter is a row of the table of database parameters.
type databaseParameter struct {
	rule   string
	family *regexp.Regexp
	name   string
	value  *regexp.Regexp
	says   string // what the value must be, in words
}

// parametersFor reads the rows of a rule.
func parametersFor(rule string) []databaseParameter {
	var list []databaseParameter
	for _, row := range tableRows(databaseParameters) {
		if row[0] == rule {
			list = append(list, databaseParameter{row[0], regexp.MustCompile("^(" + row[1] + ")$"), row[2],
				regexp.MustCompile("^(" + row[3] + ")$"), strings.Join(row[4:], " ")})
		}
	}
	return list
}

func checkDatabaseLogs(w *World, l *Looking) { checkParameterGroups(w, l, parametersFor("log")) }

// checkParameterGroups holds the parameter group of each cluster, and of each instance without cluster, to a table.
func checkParameterGroups(w *World, l *Looking, rows []databaseParameter) {
	for _, r := range w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		path := "DBClusterParameterGroupName"
		if r.Type == "AWS::RDS::DBInstance" {
			path = "DBParameterGroupName"
			if r.At("DBClusterIdentifier").Exists() {
				continue
			}
		}
		l.Look()
		group := w.Find(r.At(path))
		if why := r.At(path).Unknown(); group == nil && why != "" {
			l.Unsure(r, path, "a parameter group", why)
			continue
		}
		if group == nil {
			l.FailUnlessExcused(r, path, r.At(path), "a parameter group of the templates", "declare one and refer to it: nobody can change the default ones")
			continue
		}
		checkParameters(l, group, rows)
	}
}

func checkParameters(l *Looking, group *Resource, rows []databaseParameter) {
	for _, row := range rows {
		if family := group.At("Family"); !row.family.MatchString(family.String()) {
			if family.Unknown() != "" {
				l.Fail(group, "Family", family, "a family that is known", "")
			}
			continue
		}
		path := "Parameters." + row.name
		if v := group.At(path); !row.value.MatchString(v.String()) {
			l.FailUnlessExcused(group, path, v, row.says, "set the parameter "+row.name)
		}
	}
}
