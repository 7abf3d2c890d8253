package checks

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// spotSeconds is the warning before Spot capacity is taken (Amazon ECS Developer Guide, "Fargate Spot termination notices").
const spotSeconds = 120

// checkStopTimeouts adds the timeouts up: containers that depend on each other stop one after the other. It asks no less of tasks
// on demand, so that each may move to Spot capacity.
func checkStopTimeouts(w *World, l *Looking) {
	for _, task := range w.OfType(taskDefinitionType) {
		l.Look()
		sum := 0
		for _, c := range containersOf(task) {
			v := c.value.Field("StopTimeout")
			seconds, ok := v.Int()
			if !ok {
				l.FailUnlessExcused(task, c.path+".StopTimeout", v, "a number of seconds", "set StopTimeout: the default may not fit")
			}
			sum += seconds
		}
		if sum > spotSeconds {
			l.FailUnlessExcused(task, "ContainerDefinitions", Text(fmt.Sprintf("%d seconds", sum)), fmt.Sprintf("at most %d seconds together", spotSeconds), "shorten the StopTimeouts")
		}
	}
}

//go:embed containers_fargate.txt
var fargateSizes string

func checkSizes(w *World, l *Looking) {
	for _, task := range w.OfType(taskDefinitionType) {
		l.Look()
		cpu, okCPU := size(task.At("Cpu"))
		memory, okMemory := size(task.At("Memory"))
		if !okCPU || !okMemory {
			path := "Cpu"
			if okCPU {
				path = "Memory"
			}
			l.FailUnlessExcused(task, path, task.At(path), "a number", "set the size of the task")
			continue
		}
		if slices.Contains(task.At("RequiresCompatibilities").Texts(), "FARGATE") && !isFargateSize(cpu, memory) {
			l.FailUnlessExcused(task, "Memory", Text(fmt.Sprintf("%d MiB with %d CPU units", memory, cpu)), "a size that Fargate has", "choose a size of the table in the ECS Developer Guide")
		}
		checkSum(l, task, "Cpu", cpu)
		checkSum(l, task, "Memory", memory)
	}
}

func isFargateSize(cpu, memory int) bool {
	for _, row := range tableRows(fargateSizes) {
		var numbers [4]int
		for i := range numbers {
			numbers[i], _ = strconv.Atoi(row[i])
		}
		if cpu == numbers[0] && memory >= numbers[1] && memory <= numbers[2] && (memory-numbers[1])%numbers[3] == 0 {
			return true
		}
	}
	return false
}

// checkSum wants what the containers reserve to fit the task, and each container's limit as well.
func checkSum(l *Looking, task *Resource, property string, limit int) {
	sum := 0
	for _, c := range containersOf(task) {
		v := c.value.Field(property)
		n, ok := v.Int()
		if v.Exists() && !ok || n > limit {
			l.FailUnlessExcused(task, c.path+"."+property, v, fmt.Sprintf("at most %d, which the task has", limit), "make the container smaller, or the task larger")
			return
		}
		if reserved, ok := c.value.Field(property + "Reservation").Int(); ok {
			n = reserved
		}
		sum += n
	}
	if sum > limit {
		l.FailUnlessExcused(task, "ContainerDefinitions", Text(fmt.Sprintf("%s of all containers: %d", property, sum)), fmt.Sprintf("at most %d, which the task has", limit), "make the containers smaller, or the task larger")
	}
}

// checkFargate wants tasks that share nothing with others: neither a host nor its network.
func checkFargate(w *World, l *Looking) {
	for _, task := range w.OfType(taskDefinitionType) {
		l.Look()
		if v := task.At("RequiresCompatibilities").whole(); !slices.Equal(v.Texts(), []string{"FARGATE"}) {
			l.FailUnlessExcused(task, "RequiresCompatibilities", v, "[FARGATE]", "run on Fargate")
		}
		if v := task.At("NetworkMode"); v.String() != "awsvpc" {
			l.FailUnlessExcused(task, "NetworkMode", v, "awsvpc", "give each task an interface of its own")
		}
		for _, property := range []string{"IpcMode", "PidMode"} {
			if v := task.At(property); v.Exists() && v.String() != "task" && v.String() != "none" {
				l.FailUnlessExcused(task, property, v, "nothing shared with the host", "remove "+property)
			}
		}
	}
	for _, r := range w.OfType(serviceType) {
		l.Look()
		if v := r.At("LaunchType"); v.Exists() && v.String() != "FARGATE" {
			l.FailUnlessExcused(r, "LaunchType", v, "FARGATE", "run on Fargate")
		}
		for _, path := range expandPath(r.Properties, "CapacityProviderStrategy[*].CapacityProvider") {
			if v := r.At(path); v.String() != "FARGATE" && v.String() != "FARGATE_SPOT" {
				l.FailUnlessExcused(r, path, v, "FARGATE or FARGATE_SPOT", "run on Fargate")
			}
		}
		if v := r.At("PlatformVersion"); v.Exists() && v.String() != "LATEST" && v.String() != "1.4.0" {
			l.FailUnlessExcused(r, "PlatformVersion", v, "1.4.0 or LATEST", "run on a platform version that is maintained")
		}
	}
}

func checkExec(w *World, l *Looking) {
	for _, r := range w.OfType(serviceType) {
		l.Look()
		if v := r.At("EnableExecuteCommand"); v.Exists() && v.String() != "false" {
			l.FailUnlessExcused(r, "EnableExecuteCommand", v, "false", "remove EnableExecuteCommand")
		}
	}
	for _, kind := range []string{"AWS::Scheduler::Schedule", "AWS::Events::Rule"} {
		for _, r := range w.OfType(kind) {
			for _, path := range append(expandPath(r.Properties, "Target.EcsParameters.EnableExecuteCommand"), expandPath(r.Properties, "Targets[*].EcsParameters.EnableExecuteCommand")...) {
				l.Look()
				if v := r.At(path); v.String() != "false" {
					l.FailUnlessExcused(r, path, v, "false", "remove EnableExecuteCommand")
				}
			}
		}
	}
}

// checkRepositories: scanning per repository still works though AWS prefers it per registry (AWS::ECR::Repository,
// ImageScanningConfiguration).
func checkRepositories(w *World, l *Looking) {
	registry := len(w.OfType("AWS::ECR::RegistryScanningConfiguration")) > 0
	for _, r := range w.OfType("AWS::ECR::Repository") {
		l.Look()
		if v := r.At("ImageScanningConfiguration.ScanOnPush"); !v.True() && !registry {
			l.FailUnlessExcused(r, "ImageScanningConfiguration.ScanOnPush", v, "true", "scan on push")
		}
		if v := r.At("ImageTagMutability"); v.String() != "IMMUTABLE" {
			l.FailUnlessExcused(r, "ImageTagMutability", v, "IMMUTABLE", "forbid tags to move")
		}
	}
}

func checkInjected(w *World, l *Looking) {
	for _, c := range w.containers() {
		for _, path := range expandPath(c.value, "Secrets[*].ValueFrom") {
			l.Look()
			v := c.value.At(path)
			if r := w.Find(v); !strings.Contains(v.String(), ":secretsmanager:") && (r == nil || r.Type != "AWS::SecretsManager::Secret") {
				l.FailUnlessExcused(c.task, c.path+"."+path, v, "the ARN of a secret of Secrets Manager", "keep the secret in Secrets Manager")
			}
		}
	}
}
