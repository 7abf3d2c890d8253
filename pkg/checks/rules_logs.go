package checks

import (
	"fmt"
	"strings"
)

// retentionDays is how long a log group keeps events: requirement R13 says 30 days.
const retentionDays = 30

func logRules() []Rule {
	return []Rule{
		{ID: "LOG001", Title: "Every log group is encrypted with a customer key", Requirements: []string{"R13", "R15"}, PCI: []string{"10.3.2"}, Severity: High, Check: checkLogKeys},
		{ID: "LOG002", Title: fmt.Sprintf("Every log group keeps its events for %d days", retentionDays), Requirements: []string{"R13"}, PCI: []string{"10.5.1"}, Severity: Medium, Check: checkLogRetention},
		{ID: "LOG003", Title: "Every log group that AWS would create by itself is declared, and there before its writer", Requirements: []string{"R3", "R13"}, PCI: []string{"10.3.2"}, Severity: High, Check: checkImpliedLogs},
		{ID: "LOG004", Title: "Every log group that a resource names is declared, and there before its writer", Requirements: []string{"R13"}, PCI: []string{"10.3.2"}, Severity: High, Check: checkNamedLogs},
		{ID: "LOG005", Title: "Networks, web ACLs, databases, trails, streams and load balancers write logs", Requirements: []string{"R7", "R8", "R18"}, PCI: []string{"10.2.1"}, Severity: High, Check: checkLogSources},
		{ID: "LOG006", Title: "Every audit stream is carried into an archive, whole", Requirements: []string{"R18"}, PCI: []string{"10.3.3", "10.5.1"}, Severity: High, Check: checkArchiving},
		{ID: "LOG007", Title: fmt.Sprintf("Every archive keeps its objects for at least %d days, the latest at hand", archiveDays), Requirements: []string{"R18"}, PCI: []string{"10.3.2", "10.5.1"}, Severity: High, Check: checkArchives},
		{ID: "LOG008", Title: "A trail records the API calls of all regions, encrypted and proven unchanged", Requirements: []string{"R18"}, PCI: []string{"10.2.1", "10.3.4"}, Severity: High, Check: checkTrails},
		{ID: "LOG009", Title: "Database logs tell who connected and what changed, and no values", Requirements: []string{"R18"}, PCI: []string{"3.4.1", "10.2.1"}, Severity: Medium, Check: checkDatabaseLogs},
		{ID: "LOG010", Title: "Events of databases, their parameter groups and security groups reach a topic", Requirements: []string{"R11", "R13"}, PCI: []string{"10.4.1", "11.5.2"}, Severity: Medium, Check: checkDatabaseEvents},
	}
}

func checkLogKeys(w *World, l *Looking) {
	for _, r := range w.OfType(logGroupType) {
		l.Look()
		if key := r.At("KmsKeyId"); !customerKey(key) {
			l.FailUnlessExcused(r, "KmsKeyId", key, "the ARN of a customer key", "set KmsKeyId to a key whose policy lets CloudWatch Logs use it")
		}
	}
}

// customerKey tells whether a value names a key of the customer, not one that AWS manages.
func customerKey(v Value) bool {
	return v.String() != "" && !strings.Contains(v.String(), "alias/aws/")
}

func checkLogRetention(w *World, l *Looking) {
	for _, r := range w.OfType(logGroupType) {
		l.Look()
		days := r.At("RetentionInDays")
		if n, ok := days.Int(); !ok || n != retentionDays {
			l.FailUnlessExcused(r, "RetentionInDays", days, fmt.Sprint(retentionDays), "set RetentionInDays; what is kept longer belongs into the archive")
		}
	}
}

func checkImpliedLogs(w *World, l *Looking) {
	for _, use := range w.impliedLogs() {
		l.Look()
		checkDeclared(w, l, use, "AWS creates the group without key and for ever")
	}
}

// checkDeclared holds a use of a log group to a declared group that is there before the writer.
func checkDeclared(w *World, l *Looking, use logUse, otherwise string) {
	needed := "a declared group that exists before the resource"
	if why := use.group.Unknown(); why != "" {
		l.Unsure(use.writer, use.path, needed, why)
		return
	}
	name := groupName(use.group.String())
	switch group := w.logGroup(use.group); {
	case group == nil:
		l.FailUnlessExcused(use.writer, use.path, Text(name+", which no template declares: "+otherwise), needed, "declare AWS::Logs::LogGroup with this name, key and retention, and let the resource depend on it")
	case group.Maybe != use.writer.Maybe && group.Maybe != "":
		l.Unsure(use.writer, use.path, needed, group.Where()+" may not exist: "+group.Maybe)
	case !w.waits(use.writer, group):
		l.FailUnlessExcused(use.writer, use.path, Text(name+" ("+group.Where()+"), which may come later"), needed, "add "+group.LogicalID+" to DependsOn, or refer to it")
	}
}

func checkNamedLogs(w *World, l *Looking) {
	for _, use := range w.namedLogs() {
		l.Look()
		checkDeclared(w, l, use, "its key and retention are not known")
		if use.writer.Type == "AWS::WAFv2::LoggingConfiguration" && use.group.Unknown() == "" && !strings.HasPrefix(groupName(use.group.String()), "aws-waf-logs-") {
			// WAF takes no other names (AWS::WAFv2::LoggingConfiguration, LogDestinationConfigs).
			l.Fail(use.writer, use.path, use.group, "a name that begins with aws-waf-logs-", "rename the log group")
		}
	}
	for _, r := range w.OfType("AWS::ECS::TaskDefinition") {
		for _, path := range expandPath(r.Properties, "ContainerDefinitions[*].LogConfiguration.Options.awslogs-create-group") {
			l.Look()
			if v := r.At(path); v.String() != "false" {
				l.FailUnlessExcused(r, path, v, "false, or nothing", "declare the group instead: one that ECS creates has neither key nor retention")
			}
		}
	}
}
