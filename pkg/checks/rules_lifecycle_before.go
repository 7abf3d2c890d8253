package checks

import (
	"strings"
)

// checkScheduled holds schedules that run tasks to the order of services: a schedule may fire as soon as it is there.
func checkScheduled(w *World, l *Looking) {
	places := map[string]string{"AWS::Scheduler::Schedule": "Target", "AWS::Events::Rule": "Targets[*]"}
	for _, r := range w.OfType(sortedKeys(places)...) {
		for _, path := range expandPath(r.Properties, places[r.Type]+".EcsParameters") {
			l.Look()
			tasks := r.At(path)
			network := tasks.At("NetworkConfiguration.AwsvpcConfiguration")
			if v := tasks.At("NetworkConfiguration.AwsVpcConfiguration"); v.Exists() {
				network = v // as Amazon EventBridge writes it
			}
			l.afterWayOut(w, r, network, r.At(strings.TrimSuffix(path, "EcsParameters")+"Arn"))
			if task := w.taskDefinition(tasks.At("TaskDefinitionArn")); task != nil && !w.waits(r, task) {
				l.FailUnlessExcused(r, "DependsOn", Text("nothing that leads to "+task.Where()), "the task definition, there before the schedule", "add "+task.LogicalID+" to DependsOn")
			}
		}
	}
}

// checkOrder knows three orders that no reference makes.
func checkOrder(w *World, l *Looking) {
	l.routesAfterAttachment(w)
	l.readersAfterWriter(w)
	l.webLogsAfterPolicy(w)
}

// routesAfterAttachment: EC2 refuses a route to an internet gateway that its VPC does not have yet.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html
func (l *Looking) routesAfterAttachment(w *World) {
	for _, route := range w.OfType("AWS::EC2::Route") {
		for _, attachment := range w.having("AWS::EC2::VPCGatewayAttachment", "InternetGatewayId", route.At("GatewayId").String()) {
			l.Look()
			if !w.waits(route, attachment) {
				l.FailUnlessExcused(route, "DependsOn", Text("nothing that leads to "+attachment.Where()), "the attachment of the gateway, there before the route", "add "+attachment.LogicalID+" to DependsOn")
			}
		}
	}
}

// readersAfterWriter: the instance of an Aurora cluster that is there first writes, so all others have to wait for one.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.html
func (l *Looking) readersAfterWriter(w *World) {
	instances := map[string][]*Resource{}
	for _, r := range w.OfType("AWS::RDS::DBInstance") {
		if cluster := r.At("DBClusterIdentifier").String(); cluster != "" {
			instances[cluster] = append(instances[cluster], r)
		}
	}
	for _, cluster := range sortedKeys(instances) {
		var writer *Resource
		for _, r := range instances[cluster] {
			l.Look()
			waits := false
			for _, other := range instances[cluster] {
				waits = waits || w.waits(r, other)
			}
			switch {
			case waits:
			case writer == nil:
				writer = r
			default:
				l.FailUnlessExcused(r, "DependsOn", Text("nothing that leads to "+writer.Where()), "the instance that writes, there before those that read", "add "+writer.LogicalID+" to DependsOn")
			}
		}
	}
}

// webLogsAfterPolicy: a web ACL's log needs the policy that lets deliveries write to its log group; WAF would make one of its
// own, which nothing deletes.
// https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
func (l *Looking) webLogsAfterPolicy(w *World) {
	for _, r := range w.OfType("AWS::WAFv2::LoggingConfiguration") {
		for _, destination := range r.At("LogDestinationConfigs").Texts() {
			_, group, isGroup := strings.Cut(destination, ":log-group:")
			if !isGroup {
				continue
			}
			l.Look()
			group = strings.TrimSuffix(group, ":*")
			for _, policy := range w.OfType("AWS::Logs::ResourcePolicy") {
				text := policy.At("PolicyDocument").String()
				if strings.Contains(text, "delivery.logs.amazonaws.com") && strings.Contains(text, ":log-group:"+group+":") && !w.waits(r, policy) {
					l.FailUnlessExcused(r, "DependsOn", Text("nothing that leads to "+policy.Where()), "the policy of its log group, there before the log", "add "+policy.LogicalID+" to DependsOn")
				}
			}
		}
	}
}
