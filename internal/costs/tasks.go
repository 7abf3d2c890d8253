package costs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// taskSize is what one task takes.
type taskSize struct {
	vCPU, memory float64 // memory in GB
	// containers are those of the task definition, checked those with a health check.
	containers, checked float64
}

// taskDefinition finds what a service or target names by reference, family or ARN.
func (r *reckoning) taskDefinition(named checks.Value) *checks.Resource {
	if found := r.world.Find(named); found != nil && found.Type == "AWS::ECS::TaskDefinition" {
		return found
	}
	text := named.String()
	family, _, _ := strings.Cut(text[strings.LastIndex(text, "/")+1:], ":")
	for _, definition := range r.world.OfType("AWS::ECS::TaskDefinition") {
		if name := definition.At("Family").String(); name != "" && name == family {
			return definition
		}
	}
	return nil
}

// size reads what one task takes; what keeps it from being priced is said of the resource that runs it.
func (r *reckoning) size(of *checks.Resource, named checks.Value) (size taskSize, ok bool) {
	definition := r.taskDefinition(named)
	if definition == nil {
		r.unpriced(of, "its task definition is not among the templates")
		return size, false
	}
	for _, priced := range [][2]string{{"RuntimePlatform.CpuArchitecture", "X86_64"}, {"RuntimePlatform.OperatingSystemFamily", "LINUX"}} {
		if v := definition.At(priced[0]); v.Exists() && v.String() != priced[1] {
			r.unpriced(of, "no price known for tasks on "+v.Show())
			return size, false
		}
	}
	var known, also bool
	size.vCPU, known = amount(definition.At("Cpu").String(), "vcpu")
	size.memory, also = amount(definition.At("Memory").String(), "gb")
	if !known || !also {
		r.unpriced(of, fmt.Sprintf("its tasks have Cpu %s and Memory %s", definition.At("Cpu").Show(), definition.At("Memory").Show()))
		return size, false
	}
	if definition.At("EphemeralStorage").Exists() {
		r.unpriced(of, "no price known for more ephemeral storage than comes with a task")
	}
	for _, container := range definition.At("ContainerDefinitions").List() {
		size.containers++
		if container.At("HealthCheck").Exists() {
			size.checked++
		}
	}
	return size, true
}

// amount reads "1024", in units of which a vCPU and a GB have 1,024, or "1 vCPU" and "1 GB".
func amount(text, unit string) (float64, bool) {
	number, whole := strings.CutSuffix(strings.ToLower(text), unit)
	n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if !whole {
		n /= 1024
	}
	return n, err == nil
}

// provider is an item of a capacity provider strategy.
type provider struct {
	spot         bool
	base, weight float64
}

// strategy says who runs the tasks that a service or a target asks for.
func (r *reckoning) strategy(of *checks.Resource, launch, items, cluster checks.Value) ([]provider, bool) {
	if launch.Exists() {
		if launch.String() != "FARGATE" {
			r.unpriced(of, "no price known for launch type "+launch.Show())
			return nil, false
		}
		return []provider{{weight: 1}}, true
	}
	if found := r.world.Find(cluster); !items.Exists() && found != nil {
		items = found.At("DefaultCapacityProviderStrategy")
	}
	var list []provider
	for _, item := range items.List() {
		name := item.At("CapacityProvider")
		if name.String() != "FARGATE" && name.String() != "FARGATE_SPOT" {
			r.unpriced(of, "no price known for capacity provider "+name.Show())
			return nil, false
		}
		base, _ := item.At("Base").Float()
		weight, _ := item.At("Weight").Float()
		list = append(list, provider{name.String() == "FARGATE_SPOT", base, weight})
	}
	if len(list) == 0 {
		r.unpriced(of, "neither launch type nor capacity provider strategy is known")
	}
	return list, len(list) > 0
}

// split shares tasks out: first the bases, then the rest by weight. The parts are averages: ECS starts whole tasks.
func (r *reckoning) split(tasks float64, list []provider) (onDemand, spot float64) {
	parts, weights, rest := make([]float64, len(list)), 0.0, tasks
	for i, p := range list {
		parts[i] = min(p.base, rest)
		rest -= parts[i]
		weights += p.weight
	}
	for i, p := range list {
		switch {
		case weights > 0:
			parts[i] += rest * p.weight / weights
		case i == 0:
			parts[i] += rest
		}
		if p.spot && r.scenario != OnDemandOnly {
			spot += parts[i]
		} else {
			onDemand += parts[i]
		}
	}
	return onDemand, spot
}

// run adds hours of tasks, on demand and on Spot.
func (r *reckoning) run(of *checks.Resource, size taskSize, onDemand, spot float64, variable bool) {
	r.add(of, "fargate-vcpu", onDemand*size.vCPU, variable)
	r.add(of, "fargate-memory", onDemand*size.memory, variable)
	r.add(of, "fargate-spot-vcpu", spot*size.vCPU, variable)
	r.add(of, "fargate-spot-memory", spot*size.memory, variable)
}

// service is paid for its tasks: the least number is fixed, what scaling and releases add is variable.
func (r *reckoning) service(service *checks.Resource) {
	size, ok := r.size(service, service.At("TaskDefinition"))
	if !ok {
		return
	}
	providers, ok := r.strategy(service, service.At("LaunchType"), service.At("CapacityProviderStrategy"), service.At("Cluster"))
	if !ok {
		return
	}
	least, average, ok := r.tasks(service)
	if !ok {
		return
	}
	onDemand, spot := r.split(least, providers)
	onDemandAverage, spotAverage := r.split(average, providers)
	r.run(service, size, onDemand*hours, spot*hours, false)
	r.run(service, size, (onDemandAverage-onDemand)*hours, (spotAverage-spot)*hours, true)
	if service.At("DeploymentController.Type").String() == "CODE_DEPLOY" {
		release := r.usage.of("release_hours")
		r.run(service, size, onDemandAverage*release, spotAverage*release, true)
	}
	r.insights(service, size, least, average)
}

// tasks are the least and the average number of a service.
func (r *reckoning) tasks(service *checks.Resource) (least, average float64, ok bool) {
	target := r.targets[service]
	if target == nil {
		least, ok = r.number(service, "DesiredCount", 1)
		return least, least, ok
	}
	least, ok = r.number(target, "MinCapacity", 0)
	greatest, also := r.number(target, "MaxCapacity", 0)
	return least, least + r.usage.of("task_scaling")*(greatest-least), ok && also
}

// schedule is paid for the tasks it starts; starting them is too cheap to show: a dollar for a million.
func (r *reckoning) schedule(schedule *checks.Resource) {
	if !schedule.At("Target.EcsParameters").Exists() {
		r.free(schedule, "starting things costs a dollar for a million; what it starts is not looked at")
		return
	}
	size, ok := r.size(schedule, schedule.At("Target.EcsParameters.TaskDefinitionArn"))
	if !ok {
		return
	}
	providers, ok := r.strategy(schedule, schedule.At("Target.EcsParameters.LaunchType"), schedule.At("Target.EcsParameters.CapacityProviderStrategy"), schedule.At("Target.Arn"))
	if !ok {
		return
	}
	if count, ok := r.number(schedule, "Target.EcsParameters.TaskCount", 1); ok {
		onDemand, spot := r.split(count, providers)
		r.run(schedule, size, onDemand*r.usage.of("scheduled_task_hours"), spot*r.usage.of("scheduled_task_hours"), true)
	}
}

func (r *reckoning) eventRule(rule *checks.Resource) {
	for _, target := range rule.At("Targets").List() {
		if target.At("EcsParameters").Exists() {
			r.unpriced(rule, "how long the tasks run that it starts is not assumed")
			return
		}
	}
	r.free(rule, "events of AWS services")
}
