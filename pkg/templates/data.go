package templates

import (
	"github.com/awslabs/goformation/v7/cloudformation/rds"

	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// The data tier: the Aurora cluster with its writer (R11), its parameter and log groups (R13), and who hears of its events.
// It is a tier of its own because it takes the longest to create and holds what must not be lost: nothing here changes with
// a release. The reader is the reader tier's: services wait for the writer only.

// DataInputs are what the data tier takes.
type DataInputs struct {
	Environment
	DataKey, LogsKey, SecretsKey cfn.KeyARN
	Topic                        cfn.TopicARN
	// Subnets are the isolated subnets; Zone is the writer's.
	Subnets cfn.Zoned[cfn.SubnetID]
	Zone    cfn.AvailabilityZone
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
	// Writer is the identifier of the instance that begins as the writer, InstanceParameters the parameter group of instances.
	Writer, InstanceParameters cfn.Text
	// LogGroup takes PostgreSQL's log, an audit stream.
	LogGroup cfn.LogGroupName
}

// The writer and the reader are each in a zone of its own: the first of the network's and the second.
const (
	writerZone = iota
	readerZone
	databaseInstances
)

// masterUser owns the database; the administration task alone uses it.
const masterUser = "payadmin"

// Windows in UTC, when it is night in America: backup first, then maintenance, one instance after the other.
const (
	backupWindow             = "07:00-08:00"
	clusterMaintenanceWindow = "sun:08:30-sun:09:00"
	readerMaintenanceWindow  = "sun:09:00-sun:09:30"
	writerMaintenanceWindow  = "sun:09:30-sun:10:00"
)

// Data declares the Aurora cluster with its writer, parameter groups, log group and event subscriptions.
func Data(t *cfn.Template, in DataInputs) DataOutputs {
	t.Describe("Database: an Aurora Serverless v2 PostgreSQL cluster with its writer, its parameter groups, its log group and event subscriptions.")
	logs := cfn.Add(t, "PostgresqlLogGroup", "Takes PostgreSQL's log: connections, changes of schema and roles, slow statements", resources.LogGroup(in.DatabaseLogGroup("postgresql"), in.LogsKey))
	clusterParameters, instanceParameters := addDatabaseParameters(t, in)
	cluster := addDatabaseCluster(t, in, clusterParameters)
	cluster.DependsOn(logs)
	writer := cfn.Add(t, "Writer", "Instance that begins as the writer", resources.DatabaseInstance(resources.DatabaseInstanceInput{
		Identifier: in.Name("db", product, "writer"), Cluster: cluster.Ref(), ParameterGroup: instanceParameters.Ref(),
		Zone: in.Zone, PromotionTier: 0, DataKey: in.DataKey, MaintenanceWindow: writerMaintenanceWindow,
	}))
	addDatabaseEvents(t, in, cluster, instanceParameters)
	return DataOutputs{
		Endpoint:           resources.DatabaseEndpoint(cluster),
		MasterSecret:       resources.MasterSecretARN(cluster),
		Cluster:            cfn.Text(cluster.Ref()),
		Writer:             cfn.Text(writer.Ref()),
		InstanceParameters: cfn.Text(instanceParameters.Ref()),
		LogGroup:           resources.LogGroupName(logs),
	}
}

// addDatabaseCluster declares the cluster. RDS would create the log group itself, without key and retention: the caller
// makes the cluster wait for ours.
func addDatabaseCluster(t *cfn.Template, in DataInputs, parameters cfn.Resource[*rds.DBClusterParameterGroup]) cfn.Resource[*rds.DBCluster] {
	subnets := cfn.Add(t, "SubnetGroup", "Isolated subnets, which have no way out, for the database", &rds.DBSubnetGroup{
		DBSubnetGroupName:        new(in.Name("subnets", "db", product)),
		DBSubnetGroupDescription: "Isolated subnets of the payment platform",
		SubnetIds:                subnetIDs(in.Subnets),
	})
	return resources.AddDatabaseCluster(t, "Cluster", "The payment database", resources.DatabaseClusterInput{
		Identifier: in.DatabaseName(), Database: databaseName, MasterUsername: masterUser, Port: databasePort,
		SubnetGroup: subnets.Ref(), ParameterGroup: parameters.Ref(), SecurityGroup: in.Group,
		DataKey: in.DataKey, SecretsKey: in.SecretsKey,
		MinCapacity: t.Float(in.MinCapacity), MaxCapacity: t.Float(in.MaxCapacity), BackupDays: t.Int(in.BackupDays),
		BackupWindow: backupWindow, MaintenanceWindow: clusterMaintenanceWindow,
	})
}
