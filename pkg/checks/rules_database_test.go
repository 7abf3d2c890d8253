package checks

import "testing"

func TestDatabaseRules(t *testing.T) {
	const data = "data.yaml"
	testGoldenFaults(t, databaseRules(), []goldenFault{
		{rule: "DAT001", name: "an instance of another engine", edits: []edit{replaceInResource("reader.yaml", "Reader", "Engine: aurora-postgresql", "Engine: mysql")},
			template: "reader.yaml", id: "Reader", path: "Engine", line: "Engine: mysql", found: "mysql"},
		{rule: "DAT001", name: "an instance without engine", edits: []edit{replaceInResource("reader.yaml", "Reader", "      Engine: aurora-postgresql\n", "")},
			template: "reader.yaml", id: "Reader", path: "Engine", line: "Properties:", found: "nothing"},
		{rule: "DAT001", name: "a family of another engine", edits: []edit{replaceInResource(data, "ClusterParameterGroup", "Family: aurora-postgresql17", "Family: aurora-mysql8.0")},
			template: data, id: "ClusterParameterGroup", path: "Family", line: "aurora-mysql8.0"},
		{rule: "DAT001", name: "a family of another version", edits: []edit{replaceInResource(data, "ClusterParameterGroup", "Family: aurora-postgresql17", "Family: aurora-postgresql1")},
			template: data, id: "ClusterParameterGroup", path: "Family", line: "Family: aurora-postgresql1"},
		{rule: "DAT001", name: "no family", edits: []edit{replaceInResource(data, "InstanceParameterGroup", "Family: aurora-postgresql17", "Family: 17")},
			template: data, id: "InstanceParameterGroup", path: "Family", line: "Family: 17"},
		{rule: "DAT001", name: "a family that is not known", outcome: Unsure, edits: []edit{replaceInResource(data, "InstanceParameterGroup", "Family: aurora-postgresql17", "Family: !ImportValue family")},
			template: data, id: "InstanceParameterGroup", path: "Family", line: "ImportValue", found: "ImportValue"},
		{rule: "DAT002", name: "no security patches", edits: []edit{replaceInResource(data, "Cluster", "AutoMinorVersionUpgrade: true", "AutoMinorVersionUpgrade: false")},
			template: data, id: "Cluster", path: "AutoMinorVersionUpgrade", line: "AutoMinorVersionUpgrade: false"},
		{rule: "DAT003", name: "an instance that is not watched", edits: []edit{replaceInResource(data, "Writer", "EnablePerformanceInsights: true", "EnablePerformanceInsights: false")},
			template: data, id: "Writer", path: "EnablePerformanceInsights", line: "EnablePerformanceInsights: false"},
		{rule: "DAT003", name: "a cluster that is not watched", edits: []edit{replaceInResource(data, "Cluster", "PerformanceInsightsEnabled: true", "PerformanceInsightsEnabled: false")},
			template: data, id: "Cluster", path: "PerformanceInsightsEnabled", line: "PerformanceInsightsEnabled: false"},
		{rule: "DAT003", name: "neither says so", edits: []edit{replaceInResource(data, "Cluster", "      PerformanceInsightsEnabled: true\n", ""), replaceInResource(data, "Writer", "      EnablePerformanceInsights: true\n", "")},
			template: data, id: "Writer", path: "EnablePerformanceInsights", line: "Properties:", found: "nothing"},
	})
}
