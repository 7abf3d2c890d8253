package checks

import (
	"fmt"
	"slices"
	"strings"
)

// availabilityRules prove that no single zone, instance or release takes the platform down.
func availabilityRules() []Rule {
	return []Rule{
		{ID: "AVA001", Title: "A database cluster has at least two instances in different zones", Requirements: []string{"R11"}, Severity: High, Check: checkDatabaseInstances},
		{ID: "AVA002", Title: "A serverless database has a capacity above zero to begin with and a greater one to grow to", Requirements: []string{"R11"}, Severity: High, Check: checkDatabaseCapacity},
		{ID: "AVA003", Title: "A database keeps automatic backups of at least a day", Requirements: []string{"R11"}, Severity: High, Check: checkDatabaseBackups},
		{ID: "AVA004", Title: "Load balancers, services and databases have subnets in at least three zones", Requirements: []string{"R1"}, Severity: High, Check: checkSpread},
		{ID: "AVA005", Title: "A subnet goes out through a NAT gateway of its own zone", Requirements: []string{"R1"}, Severity: Medium, Check: checkNATZones},
		{ID: "AVA006", Title: "A cluster has the capacity providers FARGATE and FARGATE_SPOT", Requirements: []string{"R3"}, Severity: Medium, Check: checkCapacityProviders},
		{ID: "AVA007", Title: "Container Insights is on", Requirements: []string{"R3", "R13"}, Severity: Medium, Check: checkContainerInsights},
		{ID: "AVA008", Title: "A service that the internet reaches runs without Spot capacity", Requirements: []string{"R5"}, Severity: High, Check: checkPublicWithoutSpot},
		{ID: "AVA009", Title: "A background service keeps an on-demand base and puts the rest mostly on Spot", Requirements: []string{"R5"}, Severity: Medium, Check: checkBackgroundSpot},
		{ID: "AVA010", Title: "A service is released by a CodeDeploy deployment group that shifts traffic between two target groups", Requirements: []string{"R17"}, PCI: []string{"6.5.1"}, Severity: High, Check: checkReleasable},
		{ID: "AVA011", Title: "A release shifts traffic linearly over ten minutes", Requirements: []string{"R17"}, PCI: []string{"6.5.1"}, Severity: High, Check: checkShift},
		{ID: "AVA012", Title: "A release rolls back by itself on failure, on alarm and on request", Requirements: []string{"R17"}, PCI: []string{"6.5.1"}, Severity: High, Check: checkRollback},
		{ID: "AVA013", Title: "A release goes on by itself; the tasks before it stay for at least five minutes after it, then end", Requirements: []string{"R17"}, PCI: []string{"6.5.1"}, Severity: Medium, Check: checkTermination},
		{ID: "AVA014", Title: "Target groups check the health of tasks every 30 seconds and give up after three failures", Requirements: []string{"R7"}, Severity: High, Check: checkTargetHealth},
		{ID: "AVA015", Title: "A task for which nobody names capacity runs on Fargate on demand", Requirements: []string{"R3", "R5"}, Severity: Medium, Check: checkDefaultCapacity},
	}
}

// zoneOf is the zone of a subnet, or the zone that a value names; a reason when it is not known.
func (w *World) zoneOf(v Value) (zone, unknown string) {
	r := w.Find(v)
	switch {
	case v.Unknown() != "":
		return "", v.Unknown()
	case r != nil && r.Type == "AWS::EC2::Subnet":
		for _, property := range []string{"AvailabilityZoneId", "AvailabilityZone"} {
			if z := r.At(property); z.Exists() {
				return z.String(), z.Unknown()
			}
		}
		return "", "AWS chooses the zone of " + r.Where()
	case r != nil || v.String() == "" || strings.HasPrefix(v.String(), "subnet-"):
		return "", "the zone of " + v.Show() + " is not in the templates"
	}
	return v.String(), ""
}

// zonesOf are the zones of subnets, sorted; a reason when some are not known.
func (w *World) zonesOf(subnets []Value) (zones []string, unknown string) {
	for _, subnet := range subnets {
		zone, why := w.zoneOf(subnet)
		if why != "" {
			unknown = why
			continue
		}
		zones = append(zones, zone)
	}
	slices.Sort(zones)
	return slices.Compact(zones), unknown
}

// needZones reports zones that are too few.
func (l *Looking) needZones(r *Resource, path string, zones []string, unknown string, least int) {
	needed := fmt.Sprintf("at least %d zones", least)
	switch {
	case len(zones) >= least:
	case unknown != "":
		l.Unsure(r, path, needed, unknown)
	default:
		l.FailText(r, path, fmt.Sprintf("%d: %s", len(zones), strings.Join(zones, ", ")), needed, "Add subnets or instances in other zones")
	}
}

func checkDatabaseInstances(w *World, l *Looking) {
	for _, cluster := range w.OfType("AWS::RDS::DBCluster") {
		l.Look()
		var zones []Value
		for _, instance := range w.OfType("AWS::RDS::DBInstance") {
			if namesResource(instance.At("DBClusterIdentifier"), cluster, "DBClusterIdentifier") {
				zones = append(zones, instance.At("AvailabilityZone"))
				if instance.Maybe != "" {
					zones[len(zones)-1] = Unknown(instance.Maybe)
				}
			}
		}
		if len(zones) < 2 {
			l.FailText(cluster, "", fmt.Sprintf("%d instances", len(zones)), "at least two instances", "Add a DBInstance in another zone")
			continue
		}
		known, unknown := w.zonesOf(zones)
		l.needZones(cluster, "", known, unknown, 2)
	}
}

func checkDatabaseCapacity(w *World, l *Looking) {
	for _, cluster := range w.OfType("AWS::RDS::DBCluster") {
		const path = "ServerlessV2ScalingConfiguration"
		if !usesServerless(w, cluster) && !cluster.At(path).Exists() {
			continue
		}
		l.Look()
		least, okLeast := cluster.At(path + ".MinCapacity").Float()
		most, okMost := cluster.At(path + ".MaxCapacity").Float()
		if !okLeast || least <= 0 {
			l.Fail(cluster, path+".MinCapacity", cluster.At(path+".MinCapacity"), "above 0", "Set at least 0.5: a database at 0 pauses, and payments would wait for it")
		}
		if !okMost || okLeast && most <= least {
			l.Fail(cluster, path+".MaxCapacity", cluster.At(path+".MaxCapacity"), "above MinCapacity", "Raise it")
		}
	}
}

func usesServerless(w *World, cluster *Resource) bool {
	return slices.ContainsFunc(w.OfType("AWS::RDS::DBInstance"), func(instance *Resource) bool {
		return instance.At("DBInstanceClass").String() == "db.serverless" && namesResource(instance.At("DBClusterIdentifier"), cluster, "DBClusterIdentifier")
	})
}

func checkDatabaseBackups(w *World, l *Looking) {
	for _, r := range w.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		if r.Type == "AWS::RDS::DBInstance" && r.At("DBClusterIdentifier").Exists() {
			continue
		}
		l.Look()
		if days, ok := r.At("BackupRetentionPeriod").Int(); !ok || days < 1 {
			l.Fail(r, "BackupRetentionPeriod", r.At("BackupRetentionPeriod"), "at least 1", "Say how many days backups are kept")
		}
	}
}

// checkSpread looks at everything that is spread over subnets.
func checkSpread(w *World, l *Looking) {
	paths := map[string][]string{
		"AWS::ElasticLoadBalancingV2::LoadBalancer": {"Subnets", "SubnetMappings"},
		"AWS::ECS::Service":                         {"NetworkConfiguration.AwsvpcConfiguration.Subnets"},
		"AWS::RDS::DBSubnetGroup":                   {"SubnetIds"},
	}
	for _, r := range w.OfType(sortedKeys(paths)...) {
		path := paths[r.Type][0]
		subnets := r.At(path).List()
		for _, other := range paths[r.Type][1:] {
			for _, mapping := range r.At(other).List() {
				path, subnets = other, append(subnets, mapping.At("SubnetId"))
			}
		}
		l.Look()
		zones, unknown := w.zonesOf(subnets)
		l.needZones(r, path, zones, unknown, 3)
	}
}

func checkNATZones(w *World, l *Looking) {
	for _, route := range w.OfType("AWS::EC2::Route") {
		gateway := route.At("NatGatewayId")
		if !gateway.Exists() {
			continue
		}
		l.Look()
		nat := w.Find(gateway)
		if nat == nil {
			l.Unsure(route, "NatGatewayId", "a NAT gateway of the same zone", "the NAT gateway "+gateway.Show()+" is not in the templates")
			continue
		}
		zone, unknown := w.zoneOf(nat.At("SubnetId"))
		for _, association := range w.OfType("AWS::EC2::SubnetRouteTableAssociation") {
			if association.At("RouteTableId").String() != route.At("RouteTableId").String() {
				continue
			}
			own, why := w.zoneOf(association.At("SubnetId"))
			switch {
			case unknown+why != "":
				l.Unsure(route, "NatGatewayId", "a NAT gateway of the same zone", unknown+why)
			case own != zone:
				l.FailText(route, "NatGatewayId", "a NAT gateway in "+zone+" for a subnet in "+own, "a NAT gateway of the same zone", "Give each zone its own NAT gateway and route table")
			}
		}
	}
}
