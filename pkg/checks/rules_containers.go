package checks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func containerRules() []Rule {
	return []Rule{
		{ID: "CON001", Title: "Containers run as a numbered user that is not root", Requirements: []string{"R16"}, PCI: []string{"2.2.6", "7.2.5"}, Severity: High, Check: checkUsers},
		{ID: "CON002", Title: "Containers cannot write to their root file system", Requirements: []string{"R16"}, PCI: []string{"2.2.6", "11.5.2"}, Severity: Medium, Check: checkReadOnly},
		{ID: "CON003", Title: "Containers have no privileges and no capabilities", Requirements: []string{"R16"}, PCI: []string{"2.2.4", "2.2.6"}, Severity: High, Check: checkCapabilities},
		{ID: "CON004", Title: "Images come by digest from this account's registry", Requirements: []string{"R6"}, PCI: []string{"6.3.3"}, Severity: High, Check: checkImages},
		{ID: "CON005", Title: "Containers log", Requirements: []string{"R13"}, PCI: []string{"10.2.1"}, Severity: High, Check: checkContainerLogs},
		{ID: "CON006", Title: fmt.Sprintf("Containers stop within the %d seconds that Spot capacity gives, one after the other", spotSeconds), Requirements: []string{"R5"}, Severity: Medium, Check: checkStopTimeouts},
		{ID: "CON007", Title: "Containers that take requests have a health check", Requirements: []string{"R10"}, Severity: Medium, Check: checkHealthChecks},
		{ID: "CON008", Title: "A container that may fail has a reason why the task goes on", Requirements: []string{"R10"}, Severity: Medium, Check: checkDispensable},
		{ID: "CON009", Title: "Containers fit their task, and the task is of a size that Fargate has", Requirements: []string{"R4"}, Severity: High, Check: checkSizes},
		{ID: "CON010", Title: "Tasks run on Fargate with a network interface each", Requirements: []string{"R1", "R3", "R5"}, PCI: []string{"2.2.3"}, Severity: High, Check: checkFargate},
		{ID: "CON011", Title: "Nobody opens a shell in a container", Requirements: []string{"R16"}, PCI: []string{"2.2.4", "2.2.6"}, Severity: High, Check: checkExec},
		{ID: "CON012", Title: "Repositories scan what is pushed, and tags do not move", Requirements: []string{"R6"}, PCI: []string{"6.3.1", "6.3.3"}, Severity: High, Check: checkRepositories},
		{ID: "CON013", Title: "Secrets are injected from Secrets Manager", Requirements: []string{"R14"}, PCI: []string{"8.6.2"}, Severity: High, Check: checkInjected},
		{ID: "CON014", Title: "A log that cannot be written holds no container up", Requirements: []string{"R13"}, Severity: Medium, Check: checkLogMode},
		{ID: "CON015", Title: "A container that may fail is seen to fail, and started again", Requirements: []string{"R13"}, Severity: Medium, Check: checkRestarted},
		{ID: "CON016", Title: fmt.Sprintf("A container that no longer answers is found within %d seconds", hangSeconds), Requirements: []string{"R7", "R10"}, Severity: Medium, Check: checkHangs},
		{ID: "CON017", Title: "A container gets time to end, and its program is told of no more", Requirements: []string{"R5"}, Severity: Medium, Check: checkEnds},
		{ID: "CON018", Title: "A container listens to other addresses on its mapped ports only", Requirements: []string{"R2"}, PCI: []string{"1.2.5", "2.2.4"}, Severity: Medium, Check: checkOpenPorts},
	}
}

// numberedUser is a user, and maybe a group, by numbers that are not root's.
var numberedUser = regexp.MustCompile(`^0*[1-9]\d*(:0*[1-9]\d*)?$`)

func checkUsers(w *World, l *Looking) {
	for _, c := range w.containers() {
		l.Look()
		if v := c.value.Field("User"); !numberedUser.MatchString(v.String()) {
			l.FailUnlessExcused(c.task, c.path+".User", v, "numbers of a user and group that are not 0", "set User, such as '65532:65532'")
		}
	}
}

func checkReadOnly(w *World, l *Looking) {
	for _, c := range w.containers() {
		l.Look()
		if v := c.value.Field("ReadonlyRootFilesystem"); !v.True() {
			l.FailUnlessExcused(c.task, c.path+".ReadonlyRootFilesystem", v, "true", "set it, and mount what must be written")
		}
	}
}

func checkCapabilities(w *World, l *Looking) {
	for _, c := range w.containers() {
		l.Look()
		const capabilities = "LinuxParameters.Capabilities"
		if v := c.value.Field("Privileged"); v.Exists() && v.String() != "false" {
			l.FailUnlessExcused(c.task, c.path+".Privileged", v, "false", "remove Privileged")
		}
		if v := c.value.At(capabilities + ".Drop").whole(); !slices.Contains(v.Texts(), "ALL") {
			l.FailUnlessExcused(c.task, c.path+"."+capabilities+".Drop", v, "[ALL]", "drop all capabilities")
		}
		if v := c.value.At(capabilities + ".Add"); len(v.List()) > 0 {
			l.FailUnlessExcused(c.task, c.path+"."+capabilities+".Add", v, "none", "remove Add")
		}
		if v := c.value.At("LinuxParameters.Devices"); len(v.List()) > 0 {
			l.FailUnlessExcused(c.task, c.path+".LinuxParameters.Devices", v, "none", "remove Devices")
		}
	}
}

// digest ends an image that is named by its content.
var digest = regexp.MustCompile(`^([^@]+)@sha256:[0-9a-f]{64}$`)

func checkImages(w *World, l *Looking) {
	repositories := w.OfType("AWS::ECR::Repository")
	for _, c := range w.containers() {
		l.Look()
		v, path := c.image(), c.path+".Image"
		parts := digest.FindStringSubmatch(v.String())
		if parts == nil {
			l.FailUnlessExcused(c.task, path, v, "an image by digest (…@sha256:…)", "name the digest, not a tag")
			continue
		}
		parameters := c.task.Stack.Parameters
		registry := fmt.Sprintf("%s.dkr.ecr.%s.%s/", parameters["AWS::AccountId"].String(), parameters["AWS::Region"].String(), parameters["AWS::URLSuffix"].String())
		name, own := strings.CutPrefix(parts[1], registry)
		name, _, _ = strings.Cut(name, ":")
		declared := slices.ContainsFunc(repositories, func(r *Resource) bool { return r.At("RepositoryName").String() == name || r.Identity() == name })
		switch {
		case !own:
			l.FailUnlessExcused(c.task, path, v, "an image of "+registry, "copy the image into a repository that scans it")
		case len(repositories) > 0 && !declared:
			l.FailUnlessExcused(c.task, path, Text(name+", which no template declares"), "a repository of the templates", "declare the repository")
		}
	}
}

// checkContainerLogs wants a driver that brings the log out of the task; what the drivers need is on the page of each.
func checkContainerLogs(w *World, l *Looking) {
	for _, c := range w.containers() {
		l.Look()
		driver := c.value.At("LogConfiguration.LogDriver")
		if !slices.Contains([]string{"awslogs", "awsfirelens", "splunk"}, driver.String()) {
			l.FailUnlessExcused(c.task, c.path+".LogConfiguration.LogDriver", driver, "awslogs, awsfirelens or splunk", "set LogConfiguration")
			continue
		}
		for _, option := range []string{"awslogs-group", "awslogs-region", "awslogs-stream-prefix"} {
			if v := c.value.At("LogConfiguration.Options").Field(option); driver.String() == "awslogs" && v.Unknown() == "" && v.String() == "" {
				l.FailUnlessExcused(c.task, c.path+".LogConfiguration.Options."+option, v, "a value, which Fargate needs", "set "+option)
			}
		}
	}
}
