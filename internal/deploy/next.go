package deploy

import (
	"regexp"
	"strings"
	"time"

	"github.com/tierform/tierform/internal/deploy/changeset"
	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/deploy/scan"
	"github.com/tierform/tierform/internal/deploy/source"
)

// FlagOrigin is the origin of values that were given by -p: a command that is shown as the next step repeats those.
const FlagOrigin = "-p"

// withheld stands for a secret in a command that is shown: whoever pastes it puts the value there.
const withheld = "…"

// again is the command that does what a request asked for, in a form that a shell takes: with its values, but for those of NoEcho
// parameters. more are flags to add.
func (e *Engine) again(verb string, r Request, root *source.Template, more ...string) string {
	if verb == "apply" && r.restores != "" {
		verb = "rollback"
	}
	words := []string{"deploy", verb, "-e", e.environment.suffix}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, flag, shell(value))
		}
	}
	add("--to", r.restores)
	if verb != "plan" {
		add("--plan", r.SavedAs)
	}
	for _, file := range r.Files {
		add("--params", file)
	}
	words = append(words, e.given(r, root)...)
	for _, name := range sortedKeys(r.Images) {
		add("--image", name+"="+r.Images[name])
	}
	for _, key := range sortedKeys(r.Tags) {
		add("--tag", key+"="+r.Tags[key])
	}
	add("--role-arn", r.Role)
	for _, place := range r.Consent.Replace {
		add("--allow-replace", place)
	}
	for _, place := range r.Consent.Delete {
		add("--allow-delete", place)
	}
	words = append(words, switches(verb, r)...)
	for _, flag := range more {
		if flag != "" {
			words = append(words, flag)
		}
	}
	return strings.Join(words, " ")
}

// switches are the flags that say how to do it: how a plan is made, and what only those verbs have that execute it.
func switches(verb string, r Request) []string {
	var words []string
	on := func(flag string, is bool) {
		if is {
			words = append(words, flag)
		}
	}
	on("--no-nested", r.Flat)
	if verb == "plan" {
		return words
	}
	if p := r.Consent.Policy; r.restores == "" && p != "" && p != changeset.RequireAny {
		words = append(words, "--require-approval", p)
	}
	if m := r.Scan.MaxSeverity; m != "" && m != scan.DefaultMaxSeverity {
		words = append(words, "--max-severity", m)
	}
	for _, x := range r.Scan.Exceptions {
		words = append(words, "--"+x.Flag, shell(x.ID+"="+x.Reason+"@"+x.Until))
	}
	on("--express", r.Express)
	on("--no-admin", r.NoAdmin)
	on("--no-rollback", r.NoRollback)
	on("--force", r.Force)
	on("--detach", r.Detach)
	if r.WaitLock > 0 {
		words = append(words, "--wait-lock", r.WaitLock.Round(time.Second).String())
	}
	on("--yes", r.Consent.Yes)
	return words
}

// given are the values of -p.
func (e *Engine) given(r Request, root *source.Template) []string {
	var words []string
	for _, layer := range r.Values {
		if layer.Origin != FlagOrigin {
			continue
		}
		for _, name := range sortedKeys(layer.ByName) {
			if e.open(name, root) {
				words = append(words, "-p", shell(name+"="+layer.ByName[name]))
			} else {
				words = append(words, "-p", shell(name+"=")+withheld)
			}
		}
	}
	return words
}

// open tells whether a parameter's value may be shown: one of these roots declares it, and none as NoEcho.
func (e *Engine) open(name string, root *source.Template) bool {
	roots := []*source.Template{root}
	for _, file := range []string{e.Roots.Foundation, e.Roots.Role} {
		if set, err := source.Load(e.Templates, file); err == nil {
			roots = append(roots, set.Root)
		}
	}
	declared := false
	for _, t := range roots {
		if p, is := t.Parameters[name]; is {
			if p.NoEcho {
				return false
			}
			declared = true
		}
	}
	return declared
}

// harmless are texts that a shell takes as they are (POSIX, "Shell Command Language": Quoting).
var harmless = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shell quotes a text for a shell where that is needed.
func shell(text string) string {
	if harmless.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// where adds the flags that say which account, region and templates are meant to all commands that a run shows: pasted, they must mean
// the same.
func where(flags []string, suffix string, next report.Reporter) report.Reporter {
	if len(flags) == 0 || suffix == "" {
		return next
	}
	var quoted []string
	for _, word := range flags {
		quoted = append(quoted, shell(word))
	}
	environment := regexp.MustCompile(`(\bdeploy [a-z]+(?: [a-z]+)? -e ` + regexp.QuoteMeta(suffix) + `)($|[^a-z0-9-])`)
	instead := "${1} " + strings.ReplaceAll(strings.Join(quoted, " "), "$", "$$") + "${2}"
	located := func(text string) string { return environment.ReplaceAllString(text, instead) }
	return report.Func(func(event report.Event) { next.Report(relocated(event, located)) })
}

// relocated is an event with its commands rewritten.
func relocated(event report.Event, located func(string) string) report.Event {
	all := func(texts []string) []string {
		var rewritten []string
		for _, text := range texts {
			rewritten = append(rewritten, located(text))
		}
		return rewritten
	}
	switch is := event.(type) {
	case report.Result:
		is.Text, is.Next = located(is.Text), all(is.Next)
		return is
	case report.Diagnosis:
		is.Do = all(is.Do)
		return is
	case report.Validation:
		is.Mend = located(is.Mend)
		return is
	case report.Note:
		is.Text = located(is.Text)
		return is
	case report.Table:
		var rows [][]string
		for _, row := range is.Rows {
			rows = append(rows, all(row))
		}
		is.Rows = rows
		return is
	}
	return event
}
