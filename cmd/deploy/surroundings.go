package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/tierform/tierform/internal/deploy/clock"
	"github.com/tierform/tierform/internal/deploy/fault"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/source"
	"github.com/tierform/tierform/internal/golden"
	"github.com/tierform/tierform/pkg/checks"
	"github.com/tierform/tierform/pkg/templates"
)

// newID makes identifiers that sort by time and are unique among all pipelines: 20261122-150312-7f3c19ab.
func newID(now clock.Clock) func() string {
	return func() string {
		random := make([]byte, 4)
		_, _ = rand.Read(random) // never fails (crypto/rand)
		return now.Now().UTC().Format("20060102-150405-") + hex.EncodeToString(random)
	}
}

// gate judges the templates by the rules of pkg/checks, with the values that their parameters will have.
func gate(set []*source.Template, parameters map[string]string) []report.Validation {
	var files []checks.File
	for _, t := range set {
		files = append(files, checks.File{Name: t.Name, Data: t.Body})
	}
	err := checks.Gate(files, checks.Environment{Parameters: parameters})
	if err == nil {
		return nil
	}
	var blocked *checks.GateError
	if !errors.As(err, &blocked) {
		return []report.Validation{{Severity: "error", Source: "checks", Check: "load", Text: err.Error()}}
	}
	var found []report.Validation
	for _, f := range append(blocked.Failed, blocked.Unknown...) {
		text := fmt.Sprintf("found %s, needed %s", f.Found, f.Needed)
		if f.Outcome == checks.Unsure {
			text = "unknown: " + f.Reason + "; needed " + f.Needed
		}
		found = append(found, report.Validation{Severity: "error", Source: "checks", Check: f.Rule, Path: []string{f.Template}, LogicalID: f.LogicalID, Text: text, Mend: f.Mend})
	}
	return found
}

// upToDate fails when golden/ is not what the code renders.
func upToDate() error {
	rendered, err := templates.Render(templates.Default())
	if err != nil {
		return err
	}
	list := []golden.File{{Name: templates.InventoryFile, Data: rendered.InventoryText()}}
	for _, t := range rendered.Templates {
		list = append(list, golden.File{Name: t.Name, Data: t.Data})
	}
	differences, err := golden.Compare("golden", list)
	if err != nil || len(differences) == 0 {
		return err
	}
	return errors.New(differences.String())
}

// version is that of the module, with the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if revision := setting(info, "vcs.revision"); revision != "" {
		return info.Main.Version + " " + revision[:min(12, len(revision))]
	}
	return info.Main.Version
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}

func (c *command) version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Version of this command", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		text := fmt.Sprintf("deploy %s, output schema %s", version(), report.Schema)
		if c.global.output != "json" {
			fmt.Fprintln(c.stdout, text)
			return nil
		}
		shown, err := c.screen(nil)
		if err != nil {
			return err
		}
		shown.Report(report.Started{Command: cmd.CommandPath(), Version: version(), Schema: report.Schema})
		shown.Report(report.Result{Status: report.Statuses()[fault.OK], Text: text})
		return shown.Close()
	}}
}
