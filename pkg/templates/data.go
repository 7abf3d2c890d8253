package templates

import "github.com/tierform/tierform/pkg/cfn"

// DataInputs are what the data tier takes.
type DataInputs struct {
	Environment
	// Config gives the services that use the database.
	Config                       Config
	DataKey, LogsKey, SecretsKey cfn.KeyARN
	Topic                        cfn.TopicARN
	// Subnets are the isolated subnets; Zones their zones.
	Subnets cfn.Zoned[cfn.SubnetID]
	Zones   cfn.Zoned[cfn.AvailabilityZone]
	Group   cfn.SecurityGroupID
	// MinCapacity and MaxCapacity are in ACU, BackupDays in days (root parameters).
	MinCapacity, MaxCapacity, BackupDays cfn.Number
}

// DataOutputs are what clients of the database use.
type DataOutputs struct {
	// Endpoint is the writer's host name.
	Endpoint cfn.HostName
	// MasterSecret holds user name and password of the master user; RDS rotates it.
	MasterSecret cfn.SecretARN
	// Cluster is the cluster's identifier, the value of its CloudWatch dimension.
	Cluster cfn.Text
	// LogGroup takes PostgreSQL's log, an audit stream.
	LogGroup cfn.LogGroupName
}

// Data declares ….
func Data(t *cfn.Template, in DataInputs) DataOutputs {
	t.Describe("Data")
	return DataOutputs{}
}
