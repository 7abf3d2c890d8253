package checks

import (
	_ "embed"
	"fmt"
	"strings"
)

// logGroupType is the type of log groups.
const logGroupType = "AWS::Logs::LogGroup"

// logUse is a log group that a resource writes to.
type logUse struct {
	writer *Resource
	path   string // of the property that names the group, or makes AWS write to it
	group  Value  // its name or ARN
	audit  bool   // it holds an audit stream
}

//go:embed logs_destinations.txt
var logDestinations string

// namedLogs lists the groups that resources name.
func (w *World) namedLogs() []logUse {
	var uses []logUse
	for _, row := range tableRows(logDestinations) {
		for _, r := range w.OfType(row[0]) {
			for _, path := range expandPath(r.Properties, row[1]) {
				use := logUse{r, path, r.At(path), len(row) == 3}
				if text := use.group.String(); !strings.HasPrefix(text, "arn:") || strings.Contains(text, ":logs:") {
					uses = append(uses, use)
				}
			}
		}
	}
	return uses
}

// impliedLogs lists the groups that AWS creates when they are not there, without a key and for ever.
// Sources: CloudWatch User Guide, "Container Insights performance log events"; Aurora User Guide, "Publishing Aurora
// PostgreSQL logs"; RDS User Guide, "Enhanced Monitoring"; Lambda Developer Guide, "CloudWatch logs"; API Gateway
// Developer Guide, "CloudWatch logging"; CodeBuild User Guide, "Build logs".
func (w *World) impliedLogs() []logUse {
	var uses []logUse
	for _, r := range w.OfType("AWS::ECS::Cluster") {
		if path, setting := containerInsights(r); setting.Exists() && setting.String() != "disabled" {
			uses = append(uses, implied(r, "ClusterName", path, "/aws/ecs/containerinsights/%s/performance", false))
		}
	}
	for _, r := range w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		uses = append(uses, databaseLogs(r)...)
	}
	for _, r := range w.OfType("AWS::Lambda::Function") {
		if !r.At("LoggingConfig.LogGroup").Exists() {
			uses = append(uses, implied(r, "FunctionName", "", "/aws/lambda/%s", false))
		}
	}
	for _, r := range w.OfType("AWS::CodeBuild::Project") {
		if logs := r.At("LogsConfig.CloudWatchLogs"); logs.Field("Status").String() != "DISABLED" && !logs.Field("GroupName").Exists() {
			uses = append(uses, implied(r, "Name", "", "/aws/codebuild/%s", false))
		}
	}
	for _, r := range w.OfType("AWS::ApiGateway::Stage") {
		for _, path := range expandPath(r.Properties, "MethodSettings[*].LoggingLevel") {
			if r.At(path).String() != "OFF" {
				group := Text("API-Gateway-Execution-Logs_" + r.At("RestApiId").String() + "/" + r.At("StageName").String())
				uses = append(uses, logUse{r, path, group, false})
			}
		}
	}
	return uses
}

// implied is a group that carries the name of the resource for which AWS creates it.
func implied(r *Resource, named, path, format string, audit bool, more ...any) logUse {
	name := r.Stack.reference(r.LogicalID, "Ref").String()
	group := Text(fmt.Sprintf(format, append([]any{name}, more...)...))
	for _, v := range []Value{r.At(named), r.At(path)} {
		if why := v.Unknown(); why != "" {
			group = Unknown(why)
		}
	}
	return logUse{r, path, group, audit}
}

// containerInsights is a cluster's setting, with its path.
func containerInsights(cluster *Resource) (string, Value) {
	for _, path := range expandPath(cluster.Properties, "ClusterSettings[*]") {
		if setting := cluster.At(path); setting.Unknown() != "" || setting.Field("Name").String() == "containerInsights" {
			return path + ".Value", setting.Field("Value")
		}
	}
	return "ClusterSettings", Value{}
}

// databaseLogs are the groups of a database's log exports and of enhanced monitoring.
func databaseLogs(r *Resource) []logUse {
	var uses []logUse
	of, named := "cluster", "DBClusterIdentifier"
	if r.Type == "AWS::RDS::DBInstance" {
		of, named = "instance", "DBInstanceIdentifier"
	}
	for _, path := range expandPath(r.Properties, "EnableCloudwatchLogsExports[*]") {
		uses = append(uses, implied(r, named, path, "/aws/rds/"+of+"/%s/%s", true, r.At(path).String()))
	}
	if seconds, ok := r.At("MonitoringInterval").Int(); ok && seconds > 0 {
		uses = append(uses, logUse{r, "MonitoringInterval", Text("RDSOSMetrics"), false})
	}
	return uses
}

// logGroup finds the declared group of a name, ARN or reference; nil when no template declares it.
func (w *World) logGroup(v Value) *Resource {
	if r := w.Find(v); r != nil && r.Type == logGroupType {
		return r
	}
	name := groupName(v.String())
	if found := w.having(logGroupType, "LogGroupName", name); len(found) > 0 {
		return found[0]
	}
	if r := w.index[name]; r != nil && r.Type == logGroupType {
		return r
	}
	return nil
}

// groupName is the name of a log group, given as name or ARN.
func groupName(text string) string {
	if _, name, isARN := strings.Cut(text, ":log-group:"); isARN {
		text = strings.TrimSuffix(name, ":*")
	}
	return text
}
