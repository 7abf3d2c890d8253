package resources

import (
	"slices"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/rds"

	"github.com/tierform/tierform/pkg/cfn"
)

// Aurora PostgreSQL, the only engine the constructors know. Minor versions are applied by AWS (PCI DSS 6.3.3); the one
// here is where a new cluster begins.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/AuroraPostgreSQL.Updates.html
const (
	// AuroraVersion is the engine version of a new cluster.
	AuroraVersion = "17.7"
	// AuroraFamily is the family of its parameter groups. Names of parameter groups hold it, so that a major version
	// gets groups of its own: CloudFormation cannot replace what keeps its name.
	AuroraFamily = "aurora-postgresql17"

	auroraEngine    = "aurora-postgresql"
	serverlessClass = "db.serverless"
)

// insightsDays is how long Performance Insights keeps its data: what is free of charge.
const insightsDays = 7

// wellKnownUsers are the names attackers try first (Security Hub RDS.24, PCI DSS 2.2.2), and those PostgreSQL and RDS keep.
// https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html
var wellKnownUsers = []string{"", "admin", "administrator", "master", "postgres", "rdsadmin", "root"}

// DatabaseClusterInput describes an Aurora Serverless v2 cluster.
type DatabaseClusterInput struct {
	// Identifier is the physical name; RDS derives its log groups from it.
	Identifier string
	// Database is the database created in it.
	Database string
	// MasterUsername is the master user, whose password RDS makes, keeps in Secrets Manager and rotates. Not a well-known
	// name.
	MasterUsername string
	Port           int
	// SubnetGroup and ParameterGroup are the names of the groups.
	SubnetGroup, ParameterGroup string
	SecurityGroup               cfn.SecurityGroupID
	// DataKey encrypts storage, backups and Performance Insights; SecretsKey the master secret.
	DataKey, SecretsKey cfn.KeyARN
	// MinCapacity and MaxCapacity are in ACU.
	MinCapacity, MaxCapacity float64
	// BackupDays is how long automatic backups are kept.
	BackupDays int
	// BackupWindow and MaintenanceWindow are in UTC.
	BackupWindow, MaintenanceWindow string
}

// AddDatabaseCluster declares an Aurora Serverless v2 cluster for PostgreSQL that goes with its stack, backups included and
// without a final snapshot.
//
// IAM authentication is off: there is one way in, by passwords that Secrets Manager keeps and rotates, and IAM tokens are
// made for few connections a second. Enhanced Monitoring is off: its log group, RDSOSMetrics, belongs to the account
// and has neither our key nor our retention.
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html
func AddDatabaseCluster(t *cfn.Template, logicalID, is string, in DatabaseClusterInput) cfn.Resource[*rds.DBCluster] {
	cluster := cfn.Add(t, logicalID, is, databaseCluster(in))
	// goformation does not know these.
	cluster.Patch("DatabaseInsightsMode", "standard")
	cluster.Patch("DeleteAutomatedBackups", true)
	return cluster
}

func databaseCluster(in DatabaseClusterInput) *rds.DBCluster {
	cluster := &rds.DBCluster{
		DBClusterIdentifier:         new(in.Identifier),
		Engine:                      new(auroraEngine),
		EngineVersion:               new(AuroraVersion),
		DatabaseName:                new(in.Database),
		Port:                        new(in.Port),
		DBSubnetGroupName:           new(in.SubnetGroup),
		DBClusterParameterGroupName: new(in.ParameterGroup),
		VpcSecurityGroupIds:         []string{string(in.SecurityGroup)},
		ServerlessV2ScalingConfiguration: &rds.DBCluster_ServerlessV2ScalingConfiguration{
			MinCapacity: new(in.MinCapacity), MaxCapacity: new(in.MaxCapacity),
		},
		StorageEncrypted:                     new(true),
		KmsKeyId:                             new(string(in.DataKey)),
		MasterUsername:                       new(in.MasterUsername),
		ManageMasterUserPassword:             new(true),
		MasterUserSecret:                     &rds.DBCluster_MasterUserSecret{KmsKeyId: new(string(in.SecretsKey))},
		EnableIAMDatabaseAuthentication:      new(false),
		EnableCloudwatchLogsExports:          []string{"postgresql"},
		PerformanceInsightsEnabled:           new(true),
		PerformanceInsightsKmsKeyId:          new(string(in.DataKey)),
		PerformanceInsightsRetentionPeriod:   new(insightsDays),
		BackupRetentionPeriod:                new(in.BackupDays),
		CopyTagsToSnapshot:                   new(true),
		PreferredBackupWindow:                new(in.BackupWindow),
		PreferredMaintenanceWindow:           new(in.MaintenanceWindow),
		AutoMinorVersionUpgrade:              new(true),
		DeletionProtection:                   new(false),
		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
		AWSCloudFormationMetadata:            map[string]any{"Stateful": true},
	}
	if slices.Contains(wellKnownUsers, strings.ToLower(in.MasterUsername)) {
		cluster.MasterUsername = new(cfn.Invalid("master user has a well-known name", in.MasterUsername, "a name of its own"))
	}
	return cluster
}

// DatabaseInstanceInput describes an instance of a database cluster.
type DatabaseInstanceInput struct {
	// Identifier is the physical name.
	Identifier string
	// Cluster is the identifier of its cluster, ParameterGroup the name of its parameter group.
	Cluster, ParameterGroup string
	// Zone is where it runs.
	Zone cfn.AvailabilityZone
	// PromotionTier is its rank when a writer must be found; tiers 0 and 1 scale together with the writer, so that they
	// can take its load at once.
	PromotionTier int
	// DataKey encrypts Performance Insights, the same as the cluster's.
	DataKey cfn.KeyARN
	// MaintenanceWindow is in UTC, another one for each instance.
	MaintenanceWindow string
}

// DatabaseInstance is a serverless instance of an Aurora cluster, without a public address. The data is the cluster's.
func DatabaseInstance(in DatabaseInstanceInput) *rds.DBInstance {
	return &rds.DBInstance{
		DBInstanceIdentifier:                 new(in.Identifier),
		DBClusterIdentifier:                  new(in.Cluster),
		DBInstanceClass:                      new(serverlessClass),
		Engine:                               new(auroraEngine),
		DBParameterGroupName:                 new(in.ParameterGroup),
		AvailabilityZone:                     new(string(in.Zone)),
		PromotionTier:                        new(in.PromotionTier),
		PubliclyAccessible:                   new(false),
		AutoMinorVersionUpgrade:              new(true),
		EnablePerformanceInsights:            new(true),
		PerformanceInsightsKMSKeyId:          new(string(in.DataKey)),
		PerformanceInsightsRetentionPeriod:   new(insightsDays),
		PreferredMaintenanceWindow:           new(in.MaintenanceWindow),
		AWSCloudFormationDeletionPolicy:      "Delete",
		AWSCloudFormationUpdateReplacePolicy: "Delete",
	}
}
