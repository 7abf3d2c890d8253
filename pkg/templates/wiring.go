package templates

import "github.com/tierform/tierform/pkg/cfn"

// administrationInputs gathers the service secrets for the administration tier.
func administrationInputs(env Environment, config Config, p Parameters, security SecurityOutputs, network NetworkOutputs,
	egress EgressOutputs, data DataOutputs, cluster ClusterOutputs, services map[string]ServiceOutputs) AdministrationInputs {
	secrets := map[string]cfn.SecretARN{}
	for _, s := range config.withDatabase() {
		secrets[s.Name] = services[s.Name].DatabaseSecret
	}
	return AdministrationInputs{
		Environment: env, Ready: cfn.After{egress.Stack}, LogsKey: security.LogsKey, SecretsKey: security.SecretsKey,
		Topic: security.Topic, Subnets: network.PrivateSubnets, Group: network.AdministrationGroup, Cluster: cluster.ARN,
		DatabaseEndpoint: data.Endpoint, MasterSecret: data.MasterSecret, ServiceSecrets: secrets,
		ImageDigest: p.ImageDigests[administrationImage],
	}
}

// observabilityInputs gathers what the dashboard shows and which log groups are audit streams (R18).
func observabilityInputs(env Environment, config Config, security SecurityOutputs, archive ArchiveOutputs, egress EgressOutputs, data DataOutputs,
	cluster ClusterOutputs, ingress IngressOutputs, administration AdministrationOutputs, services map[string]ServiceOutputs) ObservabilityInputs {
	in := ObservabilityInputs{
		Environment: env, Config: config, Topic: security.Topic, Cluster: cluster.Name, Database: data.Cluster,
		LoadBalancer: ingress.LoadBalancer, Certificate: ingress.Certificate, WebACL: ingress.WebACL, Application: cluster.Application,
		Stream: archive.Stream, SubscriptionRole: archive.SubscriptionRole,
		Services: map[string]ObservedService{},
		AuditStreams: map[string]cfn.LogGroupName{
			"flow": egress.FlowLogGroup, "waf": ingress.WAFLogGroup, "database": data.LogGroup, "administration": administration.LogGroup,
		},
	}
	for name, s := range services {
		in.Services[name] = ObservedService{Service: s.Service, BlueTargetGroup: s.BlueTargetGroup, GreenTargetGroup: s.GreenTargetGroup}
		in.AuditStreams[name] = s.LogGroup
	}
	return in
}

// rootOutputs names what people and tools need (R22).
func rootOutputs(root *cfn.Template, env Environment, config Config, security SecurityOutputs, data DataOutputs, cluster ClusterOutputs,
	ingress IngressOutputs, administration AdministrationOutputs, services map[string]ServiceOutputs, observability ObservabilityOutputs) {
	root.AddOutput("LoadBalancerAddress", "DNS name of the load balancer", string(ingress.DNSName))
	root.AddOutput("ClusterName", "ECS cluster", string(cluster.Name))
	root.AddOutput("CodeDeployApplication", "CodeDeploy application; its deployment groups are named after the services", string(cluster.Application))
	root.AddOutput("Namespace", "Private DNS domain in which services find each other", env.NamespaceName())
	root.AddOutput("DatabaseEndpoint", "Host name of the database's writer", string(data.Endpoint))
	root.AddOutput("ArchiveBucket", "Bucket that keeps the audit streams for 12 months", string(security.ArchiveBucket))
	root.AddOutput("AlarmTopic", "Topic that takes alarms and events", string(security.Topic))
	root.AddOutput("DashboardName", "CloudWatch dashboard", string(observability.Dashboard))
	root.AddOutput("AdministrationTaskDefinition", "Task definition that migrates the database and rotates its passwords", string(administration.TaskDefinition))
	for _, s := range config.Services {
		root.AddOutput(logicalID(s.Name)+"ServiceName", "ECS service of "+s.Name, string(services[s.Name].Service))
	}
}
