package checks

import "testing"

// containerLifeFaults are faults of how containers of a task begin, live and end.
func containerLifeFaults(within func(old, replacement string) []edit) []goldenFault {
	const (
		application = "ContainerDefinitions[0]"
		envoy       = "ContainerDefinitions[1]"
		collector   = "ContainerDefinitions[2]"
		log         = "awslogs-stream-prefix: envoy\n              max-buffer-size: 25m\n              mode: non-blocking\n"
		options     = "            Options:\n              awslogs-group: !Ref TransactionProcessorLogGroup\n              awslogs-region: !Ref AWS::Region\n              " + log
		own         = "              - healthcheck\n            Interval: 10\n            Retries: 3\n            StartPeriod: 30\n            Timeout: 5\n"
		shell       = "          HealthCheck:\n            Command:\n              - CMD\n              - /healthcheck\n            Interval: 10\n            Retries: 3\n            StartPeriod: 30\n            Timeout: 5\n"
		restart     = "            Enabled: true\n            RestartAttemptPeriod: 60\n"
	)
	return []goldenFault{
		{rule: "CON014", name: "a log that blocks", edits: within(log, "awslogs-stream-prefix: envoy\n              mode: blocking\n"), path: envoy + ".LogConfiguration.Options.mode", line: "mode: blocking"},
		{rule: "CON014", name: "left to the account", edits: within(log, "awslogs-stream-prefix: envoy\n"), path: envoy + ".LogConfiguration.Options.mode", line: "Options:", found: "nothing"},
		{rule: "CON014", name: "not known", outcome: Unsure, edits: within(options, "            Options: !ImportValue o\n"), path: envoy + ".LogConfiguration.Options.mode", line: "ImportValue"},
		{rule: "CON015", name: "not watched", edits: within(shell, ""), path: collector + ".HealthCheck.Command", line: "Cpu:"},
		{rule: "CON015", name: "not started again", edits: within(restart, "            Enabled: false\n            RestartAttemptPeriod: 60\n"), path: collector + ".RestartPolicy.Enabled", line: "Enabled: false"},
		{rule: "CON015", name: "too late", edits: within(restart, "            Enabled: true\n"), path: collector + ".RestartPolicy.RestartAttemptPeriod", line: "Enabled: true"},
		{rule: "CON015", name: "not known", outcome: Unsure, edits: within("Essential: false", "Essential: !ImportValue e"), path: collector + ".Essential", line: "ImportValue"},
		{rule: "CON016", name: "too seldom", edits: within(own, "              - healthcheck\n            Interval: 21\n            Retries: 3\n"), path: application + ".HealthCheck", line: "Command:", found: "63 seconds"},
		{rule: "CON016", name: "no such interval", edits: within(own, "              - healthcheck\n            Interval: 301\n            Retries: 1\n"), path: application + ".HealthCheck.Interval", line: "301"},
		{rule: "CON016", name: "checks that overlap", edits: within(own, "              - healthcheck\n            Interval: 10\n            Timeout: 11\n"), path: application + ".HealthCheck.Timeout", line: "11", found: "11 seconds"},
		{rule: "CON016", name: "not known", outcome: Unsure, edits: within(own, "              - healthcheck\n            Interval: 10\n            Retries: !ImportValue r\n"), path: application + ".HealthCheck.Retries", line: "ImportValue"},
		{rule: "CON017", name: "no time", edits: within("StopTimeout: 15", "StopTimeout: 2"), path: envoy + ".StopTimeout", line: "StopTimeout: 2"},
		{rule: "CON017", name: "too much", edits: within("StopTimeout: 15", "StopTimeout: 121"), path: envoy + ".StopTimeout", line: "StopTimeout: 121"},
		{rule: "CON017", name: "told of more", edits: within("Value: 90s", "Value: 91s"), path: application + ".Environment[12].Value", line: "91s"},
		{rule: "CON017", name: "told of more by the default", edits: within("          StopTimeout: 90\n", ""), path: application + ".Environment[12].Value", line: "90s"},
		{rule: "CON018", name: "all addresses", edits: within("127.0.0.1:13133", "0.0.0.0:13133"), path: collector + ".Environment[0].Value", line: "AOT_CONFIG_CONTENT", found: "0.0.0.0:13133"},
		{rule: "CON018", name: "not known", outcome: Unsure, edits: within("http://127.0.0.1:4318", "!ImportValue a"), path: application + ".Environment[8].Value", line: "ImportValue"},
	}
}

// TestForeignContainers: another's words for the same, and a container that others wait for.
func TestForeignContainers(t *testing.T) {
	w := worldOf(t, nil, map[string]string{"flat.json": `{"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [
		{"Name": "prepare", "Essential": "false"},
		{"Name": "app", "PortMappings": [{"ContainerPort": "8080"}], "DependsOn": [{"ContainerName": "prepare", "Condition": "SUCCESS"}],
			"HealthCheck": {"Command": ["CMD-SHELL", "curl -f http://localhost/ || exit 1"], "Interval": "20"},
			"LogConfiguration": {"LogDriver": "splunk"}, "StopTimeout": "60",
			"Environment": [{"Name": "SHUTDOWN_TIMEOUT", "Value": "60"}, {"Name": "LISTEN", "Value": "0.0.0.0:8080"}, {"Name": "GRACEFUL_STOP_TIMEOUT", "Value": "forever"}]}]}}}}`})
	for id, want := range map[string]string{"CON007": "pass", "CON014": "not applicable", "CON015": "not applicable", "CON016": "pass", "CON017": "pass", "CON018": "pass"} {
		if got := outcomes(t, w, containerRules(), id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}
