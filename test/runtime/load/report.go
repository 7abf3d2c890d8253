package load

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// Trial is one way that the called service is, measured with and without Envoy between the two.
type Trial struct {
	// Name says how the called service is.
	Name string
	// Through and Direct are the results with and without Envoy.
	Through, Direct Result
}

// Memory is what a sidecar needs under load.
type Memory struct {
	// Container is its name, Limit its hard limit in the task definition in MiB.
	Container string
	Limit     int
	// Idle and Peak are the resident set before and during the load, in MiB.
	Idle, Peak float64
}

// Report is what a run has measured.
type Report struct {
	// When and Machine are where the absolute figures come from.
	When    time.Time
	Machine string
	// Rate and For are the load of each trial.
	Rate float64
	For  time.Duration
	// Capacity are the trials with as many requests as the machine takes: how many it answers in a second.
	Capacity Trial
	// Trials begin with the one in which nothing fails.
	Trials []Trial
	// Memory is that of the sidecars.
	Memory []Memory
}

// Markdown is the report as a section of a document, ratios first.
func (r Report) Markdown() string {
	var b strings.Builder
	r.cost(&b)
	b.WriteString("\n| transaction-processor | through Envoy: whole, degraded, failed | p50 | p99 | without Envoy: whole, degraded, failed | p50 | p99 | p99 without : with |\n|---|---|---|---|---|---|---|---|\n")
	for _, t := range r.Trials {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.1f |\n", t.Name, t.Through.shares(), t.Through.times(), cells(t.Direct),
			ratio(t.Direct.Quantile(0.99), t.Through.Quantile(0.99)))
	}
	b.WriteString("\n| Sidecar of payment-api | limit in the task | idle | peak under load | share of the limit |\n|---|---|---|---|---|\n")
	for _, m := range r.Memory {
		fmt.Fprintf(&b, "| %s | %d MiB | %.0f MiB | %.0f MiB | %.0f %% |\n", m.Container, m.Limit, m.Idle, m.Peak, 100*m.Peak/float64(m.Limit))
	}
	fmt.Fprintf(&b, "\nTaken on %s, on %s: %.0f requests a second for %v in each cell.\n", r.When.Format("2006-01-02"), r.Machine, r.Rate, r.For)
	return b.String()
}

// cost is the table of what Envoy costs while nothing fails.
func (r Report) cost(b *strings.Builder) {
	if len(r.Trials) == 0 {
		return
	}
	calm := r.Trials[0]
	b.WriteString("| `GET /payments/{id}`, nothing fails | through Envoy : without | through Envoy | without |\n|---|---|---|---|\n")
	for _, q := range []struct {
		name string
		at   float64
	}{{"p50", 0.5}, {"p99", 0.99}} {
		through, direct := calm.Through.Quantile(q.at), calm.Direct.Quantile(q.at)
		fmt.Fprintf(b, "| %s | %.2f | %s | %s |\n", q.name, ratio(through, direct), milliseconds(through), milliseconds(direct))
	}
	with, without := r.Capacity.Through.Throughput(), r.Capacity.Direct.Throughput()
	fmt.Fprintf(b, "| most answers in a second | %.2f | %.0f | %.0f |\n", with/without, with, without)
}

func cells(r Result) string { return r.shares() + " | " + r.times() }

func (r Result) shares() string {
	return fmt.Sprintf("%.1f %%, %.1f %%, %.1f %%", 100*r.Share(Whole), 100*r.Share(Degraded), 100*r.Share(Failed))
}

func (r Result) times() string {
	return milliseconds(r.Quantile(0.5)) + " | " + milliseconds(r.Quantile(0.99))
}

func milliseconds(d time.Duration) string {
	if d >= 100*time.Millisecond {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

func ratio(a, b time.Duration) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// Marks stand around the report in a document.
const (
	beginMark = "<!-- written by make load -->\n"
	endMark   = "<!-- end of what make load writes -->\n"
)

// Write puts the report between the marks of a document, in place of an earlier one.
func (r Report) Write(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	before, rest, begun := strings.Cut(string(data), beginMark)
	_, after, ended := strings.Cut(rest, endMark)
	if !begun || !ended {
		return fmt.Errorf("writing the report: %s has no lines %q and %q around its place", path, strings.TrimSpace(beginMark), strings.TrimSpace(endMark))
	}
	text := before + beginMark + "\n" + r.Markdown() + "\n" + endMark + after
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}
