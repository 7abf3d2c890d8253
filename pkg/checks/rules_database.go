package checks

import (
	"regexp"
	"strings"
)

func databaseRules() []Rule {
	return []Rule{
		{ID: "DAT001", Title: "The instances and the parameter groups of a database are of its engine", Requirements: []string{"R11"}, Severity: Medium, Check: checkEngines},
		{ID: "DAT002", Title: "Databases take the minor versions of their engine by themselves", Requirements: []string{"R11"}, PCI: []string{"6.3.3"}, Severity: Medium, Check: checkMinorVersions},
		{ID: "DAT003", Title: "Performance Insights shows what loads a database", Requirements: []string{"R13"}, Severity: Low, Check: checkInsights},
	}
}

// parameterFamily splits the family of a parameter group, such as aurora-postgresql17, into engine and version.
var parameterFamily = regexp.MustCompile(`^([a-z-]+?)-?(\d[\d.]*)$`)

// checkEngines compares instances with their cluster, and parameter groups with those that use them (RDS User Guide,
// "Overview of parameter groups"). A version that is left out is the engine's default, which is nobody's promise.
func checkEngines(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		cluster := w.Find(r.At("DBClusterIdentifier"))
		if r.Type == "AWS::RDS::DBInstance" && cluster != nil {
			l.Look()
			if v := r.At("Engine"); v.String() != cluster.At("Engine").String() {
				l.FailUnlessExcused(r, "Engine", v, cluster.At("Engine").Show()+", the engine of its cluster", "set Engine")
			}
		}
		for _, path := range []string{"DBClusterParameterGroupName", "DBParameterGroupName"} {
			if group := w.Find(r.At(path)); group != nil {
				l.Look()
				l.family(r, group)
			}
		}
	}
}

// family judges whether a parameter group's family is the engine and, as far as it is told, the version of its user.
func (l *Looking) family(user, group *Resource) {
	family, engine, version := group.At("Family"), user.At("Engine"), user.At("EngineVersion")
	needed := strings.TrimSpace("the family of " + engine.Show())
	if why := family.Unknown() + engine.Unknown(); why != "" {
		l.Unsure(group, "Family", needed, why)
		return
	}
	parts := parameterFamily.FindStringSubmatch(family.String())
	fits := parts != nil && parts[1] == engine.String()
	if fits && version.String() != "" {
		rest, begins := strings.CutPrefix(version.String(), parts[2])
		fits = begins && (rest == "" || rest[0] == '.')
	}
	if !fits {
		l.FailUnlessExcused(group, "Family", family, needed, "make the parameter group for "+engine.Show()+" "+version.String())
	}
}

// checkMinorVersions looks for databases that refuse them: RDS takes true for what is left out.
func checkMinorVersions(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		l.Look()
		if v := r.At("AutoMinorVersionUpgrade"); v.Exists() && !v.True() {
			l.FailUnlessExcused(r, "AutoMinorVersionUpgrade", v, "true", "set AutoMinorVersionUpgrade to true, or say who installs security patches")
		}
	}
}

// checkInsights wants Performance Insights on: by the instance, or by its cluster for all (AWS Trusted Advisor, "Amazon RDS
// Performance Insights is turned off").
func checkInsights(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		l.Look()
		path, other := "EnablePerformanceInsights", Value{}
		switch cluster := w.Find(r.At("DBClusterIdentifier")); {
		case r.Type == "AWS::RDS::DBCluster":
			path, other = "PerformanceInsightsEnabled", truth(true) // its instances may say
		case cluster != nil:
			other = cluster.At("PerformanceInsightsEnabled")
		}
		if v := r.At(path); !v.True() && (v.Exists() || !other.True()) {
			l.FailUnlessExcused(r, path, v, "true", "set "+path+" to true")
		}
	}
}
