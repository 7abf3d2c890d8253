package costs

import (
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// databaseCluster is paid for storage, its use, backups, and the secret that RDS keeps for it.
func (r *reckoning) databaseCluster(cluster *checks.Resource) {
	if engine := cluster.At("Engine"); !strings.HasPrefix(engine.String(), "aurora") {
		r.unpriced(cluster, "no price known for clusters of "+engine.Show())
		return
	}
	if storage := cluster.At("StorageType"); storage.Exists() && storage.String() != "aurora" {
		r.unpriced(cluster, "no price known for storage of type "+storage.Show())
		return
	}
	r.watched(cluster)
	if cluster.At("ManageMasterUserPassword").True() {
		r.fixed(cluster, "secret", 1)
	}
	r.variable(cluster, "aurora-storage", r.usage.of("database_gb"))
	r.variable(cluster, "aurora-requests", r.usage.of("database_requests"))
	// The first day's backups, up to the size of the cluster, are part of the storage.
	if kept, ok := r.number(cluster, "BackupRetentionPeriod", 1); ok && kept > 1 {
		r.variable(cluster, "aurora-backup", r.usage.of("database_backup_gb"))
	}
}

// watched notes insights that are not free: those are 7 days of Performance Insights, and Database Insights standard.
func (r *reckoning) watched(database *checks.Resource) {
	if kept, ok := r.number(database, "PerformanceInsightsRetentionPeriod", 7); ok && kept > 7 {
		r.unpriced(database, "no price known for Performance Insights beyond 7 days")
	}
	if mode := database.At("DatabaseInsightsMode"); mode.Exists() && mode.String() != "standard" {
		r.unpriced(database, "no price known for Database Insights in mode "+mode.Show())
	}
}

// databaseInstance is paid for its capacity: the least is fixed, what load adds is variable. A reader of promotion tier 0 or
// 1 keeps the capacity of the writer (Amazon Aurora User Guide, Aurora Serverless v2), so all instances count the same.
func (r *reckoning) databaseInstance(instance *checks.Resource) {
	class, cluster := instance.At("DBInstanceClass"), r.world.Find(instance.At("DBClusterIdentifier"))
	switch {
	case class.String() != "db.serverless":
		r.unpriced(instance, "no price known for instances of class "+class.Show())
		return
	case cluster == nil:
		r.unpriced(instance, "its cluster is not among the templates")
		return
	}
	least, ok := r.number(cluster, "ServerlessV2ScalingConfiguration.MinCapacity", 0)
	greatest, also := r.number(cluster, "ServerlessV2ScalingConfiguration.MaxCapacity", 0)
	if !ok || !also {
		return
	}
	r.watched(instance)
	r.fixed(instance, "aurora-capacity", least*hours)
	r.variable(instance, "aurora-capacity", r.usage.of("database_scaling")*(greatest-least)*hours)
}
