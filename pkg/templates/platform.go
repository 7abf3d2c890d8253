package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
)

// Images of the platform itself, beside those of the services; their repositories are in the foundation.
const (
	administrationImage = "administration"
	envoyImage          = "envoy"
	collectorImage      = "collector"
)

// Platform is the root template with one nested stack for each tier: the platform's table of contents.
func Platform(config Config) (*cfn.Template, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	root := cfn.NewTemplate("platform", "PCI-DSS payment platform: containerised services behind one load balancer, with their database, network and audit trail")
	p := rootParameters(root, config)
	env := Environment{EnvironmentSuffix: p.EnvironmentSuffix}

	security := cfn.Nest(root, "Security", Security, SecurityInputs{
		Environment: env, AuditArchiveBucketName: p.AuditArchiveBucketName, AlarmEmail: p.AlarmEmail,
		CloudTrail: p.CloudTrail,
	})
	network := cfn.Nest(root, "Network", Network, NetworkInputs{
		Environment: env, Config: config, CIDRBlock: p.VPCCIDR,
		Endpoints: p.Endpoints, EgressPrefixList: p.EgressPrefixList,
	})
	egress := cfn.Nest(root, "Egress", Egress, EgressInputs{
		Environment: env, Endpoints: p.Endpoints, LogsKey: security.LogsKey, VPC: network.VPC,
		PublicSubnets: network.PublicSubnets, PrivateSubnets: network.PrivateSubnets,
		PrivateRouteTables: network.PrivateRouteTables, EndpointGroup: network.EndpointGroup,
	})
	archive := cfn.Nest(root, "Archive", Archive, ArchiveInputs{
		Environment: env, LogsKey: security.LogsKey, ArchiveBucket: security.ArchiveBucket, CloudTrail: p.CloudTrail,
		AuditArchiveKeyARN: p.AuditArchiveKeyARN,
	})
	data := cfn.Nest(root, "Data", Data, DataInputs{
		Environment: env, DataKey: security.DataKey, LogsKey: security.LogsKey, SecretsKey: security.SecretsKey,
		Topic: security.Topic, Subnets: network.IsolatedSubnets, Zone: network.DatabaseZones[writerZone], Group: network.DatabaseGroup,
		MinCapacity: p.DatabaseMinCapacity, MaxCapacity: p.DatabaseMaxCapacity, BackupDays: p.BackupRetentionDays,
	})
	cfn.Nest(root, "Reader", Reader, ReaderInputs{
		Environment: env, DataKey: security.DataKey, Topic: security.Topic, Zone: network.DatabaseZones[readerZone],
		Cluster: data.Cluster, Writer: data.Writer, InstanceParameters: data.InstanceParameters,
	})
	cluster := cfn.Nest(root, "Cluster", Cluster, ClusterInputs{
		Environment: env, LogsKey: security.LogsKey, VPC: network.VPC,
	})
	ingress := cfn.Nest(root, "Ingress", Ingress, IngressInputs{
		Environment: env, LogsKey: security.LogsKey, AccessLogBucket: security.AccessLogBucket,
		Subnets: network.PublicSubnets, Group: network.LoadBalancerGroup,
		CertificateARN: p.CertificateARN, DomainName: p.DomainName, HostedZoneID: p.HostedZoneID,
	})

	services := map[string]ServiceOutputs{}
	for _, service := range config.Services {
		in := ServiceInputs{
			Environment: env, Config: config, Service: service, Ready: cfn.After{egress.Stack}, Timeout: serviceTimeout,
			LogsKey: security.LogsKey, Topic: security.Topic, VPC: network.VPC, Subnets: network.PrivateSubnets,
			Group: network.ServiceGroups[service.Name], Cluster: cluster.Name, Namespace: cluster.Namespace,
			Application: cluster.Application, Listener: ingress.Listener, LoadBalancer: ingress.LoadBalancer,
			ImageDigest: p.ImageDigests[service.Name], EnvoyDigest: p.ImageDigests[envoyImage],
			CollectorDigest: p.ImageDigests[collectorImage], ActiveColor: p.ActiveColors[service.Name],
			MinTasks: p.MinTasks[service.Name], MaxTasks: p.MaxTasks[service.Name],
		}
		if !service.Public {
			in.OperatorsCIDR = p.OperatorsCIDR
		}
		if service.Database || len(service.Secrets) > 0 {
			in.SecretsKey = security.SecretsKey
		}
		if service.Database {
			in.DatabaseEndpoint = data.Endpoint
		}
		services[service.Name] = cfn.Nest(root, "Service"+logicalID(service.Name), DeployedService, in)
	}

	administration := cfn.Nest(root, "Administration", Administration, administrationInputs(env, config, p, security, network, egress, data, cluster, services))
	observability := cfn.Nest(root, "Observability", Observability,
		observabilityInputs(env, config, security, archive, egress, data, cluster, ingress, administration, services))

	rootOutputs(root, env, config, security, data, cluster, ingress, administration, services, observability)
	addParameterGroups(root, config)
	return root, nil
}
