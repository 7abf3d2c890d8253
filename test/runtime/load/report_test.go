package load

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func result(whole, degraded, failed int, took time.Duration) Result {
	r := Result{Counts: [3]int{whole, degraded, failed}, Took: time.Second}
	for range whole + degraded + failed {
		r.latencies = append(r.latencies, took)
	}
	return r
}

func TestReportReplacesTheEarlierOne(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "document.md")
	if err := os.WriteFile(path, []byte("before\n"+beginMark+"old\n"+endMark+"after\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := Report{When: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Machine: "two cores", Rate: 50, For: time.Minute,
		Capacity: Trial{Through: result(50, 0, 0, 0), Direct: result(100, 0, 0, 0)},
		Trials: []Trial{{Name: "well", Through: result(2, 1, 1, 3*time.Millisecond), Direct: result(4, 0, 0, 2*time.Millisecond)},
			{Name: "dead", Through: result(0, 4, 0, time.Millisecond), Direct: result(0, 4, 0, 1500*time.Millisecond)}},
		Memory: []Memory{{Container: "envoy", Limit: 256, Idle: 30, Peak: 64}}}
	for range 2 {
		if err := r.Write(path); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"before\n", "| p50 | 1.50 | 3.0 ms | 2.0 ms |\n", "| most answers in a second | 0.50 | 50 | 100 |\n",
		"| well | 50.0 %, 25.0 %, 25.0 % | 3.0 ms | 3.0 ms | 100.0 %, 0.0 %, 0.0 % | 2.0 ms | 2.0 ms | 0.7 |\n", "| 1500 ms | 1500 ms | 1500.0 |\n",
		"| envoy | 256 MiB | 30 MiB | 64 MiB | 25 % |\n", "Taken on 2026-01-02, on two cores: 50 requests a second for 1m0s", "after\n"} {
		if strings.Count(string(data), want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, data)
		}
	}
	if strings.Contains(string(data), "old") {
		t.Error("the earlier report is still there")
	}
}

func TestReportNeedsItsPlace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "document.md")
	if err := os.WriteFile(path, []byte("no marks\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (Report{}).Write(path); err == nil || !strings.Contains(err.Error(), "written by make load") {
		t.Errorf("%v, want an error that names the lines", err)
	}
}
