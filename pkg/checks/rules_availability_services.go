package checks

import (
	"fmt"
	"slices"
)

// capacityOf is the resource that says what capacity a cluster has: itself, or an association of capacity providers.
func (w *World) capacityOf(cluster *Resource) *Resource {
	for _, association := range w.OfType("AWS::ECS::ClusterCapacityProviderAssociations") {
		if namesResource(association.At("Cluster"), cluster, "ClusterName") {
			return association
		}
	}
	return cluster
}

func checkCapacityProviders(w *World, l *Looking) {
	for _, cluster := range w.OfType("AWS::ECS::Cluster") {
		l.Look()
		const path = "CapacityProviders"
		where := w.capacityOf(cluster)
		providers := where.At(path)
		if !slices.Contains(providers.Texts(), "FARGATE") || !slices.Contains(providers.Texts(), "FARGATE_SPOT") {
			l.Fail(where, path, providers, "FARGATE and FARGATE_SPOT", "List both")
		}
	}
}

// checkDefaultCapacity: a task without launch type and strategy takes the cluster's default, and without that instances of EC2,
// which there are none of (Amazon ECS API Reference, RunTask). Capacity of weight 0 beside no base takes no task.
func checkDefaultCapacity(w *World, l *Looking) {
	const path = "DefaultCapacityProviderStrategy"
	for _, cluster := range w.OfType("AWS::ECS::Cluster") {
		l.Look()
		where := w.capacityOf(cluster)
		strategy := where.At(path).whole()
		items := strategy.List()
		isFargate := func(item Value) bool {
			weight, _ := item.At("Weight").Int()
			return item.At("CapacityProvider").String() == "FARGATE" && weight > 0
		}
		if len(items) != 1 || !isFargate(items[0]) {
			l.FailUnlessExcused(where, path, strategy, "FARGATE with a weight, alone", "Name it")
		}
	}
}

func checkContainerInsights(w *World, l *Looking) {
	for _, cluster := range w.OfType("AWS::ECS::Cluster") {
		l.Look()
		var value Value
		path := "ClusterSettings"
		for i, setting := range cluster.At("ClusterSettings").List() {
			if setting.At("Name").String() == "containerInsights" {
				value, path = setting.At("Value"), fmt.Sprintf("ClusterSettings[%d].Value", i)
			}
		}
		if text := value.String(); text != "enabled" && text != "enhanced" {
			l.Fail(cluster, path, value, "containerInsights enabled or enhanced", "Add the setting")
		}
	}
}

// spotWeights tells what a service's strategy says: the base and weight of on-demand capacity and of Spot.
func spotWeights(s *ScaledService) (base, onDemand, spot int, hasSpot bool) {
	for _, item := range s.Resource.At("CapacityProviderStrategy").List() {
		weight, _ := item.At("Weight").Int()
		least, _ := item.At("Base").Int()
		switch item.At("CapacityProvider").String() {
		case "FARGATE":
			base, onDemand = least, weight
		case "FARGATE_SPOT":
			spot, hasSpot = weight, true
		}
	}
	return base, onDemand, spot, hasSpot
}

const strategyPath = "CapacityProviderStrategy"

// judgeStrategy runs a judgement over the services that are public, or those that are not. What is not known is unsure.
func judgeStrategy(w *World, l *Looking, public bool, judge func(s *ScaledService)) {
	for _, s := range w.Operations().Services {
		strategy := s.Resource.At(strategyPath)
		switch why := strategy.anyUnknown(); {
		case s.Unclear != "":
			l.Look()
			l.Unsure(s.Resource, strategyPath, "to know whether the internet reaches the service", s.Unclear)
		case s.Public != public:
		case why != "":
			l.Look()
			l.Unsure(s.Resource, strategyPath, "a known strategy", why)
		default:
			l.Look()
			judge(s)
		}
	}
}

func checkPublicWithoutSpot(w *World, l *Looking) {
	judgeStrategy(w, l, true, func(s *ScaledService) {
		_, onDemand, _, hasSpot := spotWeights(s)
		isFargate := s.Resource.At("LaunchType").String() == "FARGATE" || onDemand > 0
		if hasSpot || !isFargate {
			l.Fail(s.Resource, strategyPath, s.Resource.At(strategyPath), "FARGATE alone, with a weight", "Take FARGATE_SPOT away: Spot tasks end with two minutes' notice")
		}
	})
}

func checkBackgroundSpot(w *World, l *Looking) {
	judgeStrategy(w, l, false, func(s *ScaledService) {
		base, onDemand, spot, _ := spotWeights(s)
		if base < 1 || spot <= onDemand || onDemand < 1 {
			l.Fail(s.Resource, strategyPath, s.Resource.At(strategyPath), "FARGATE with a base of at least 1 and a weight, FARGATE_SPOT with a greater weight",
				"Keep a base that Spot interruptions cannot take, and put the rest on Spot")
		}
	})
}
