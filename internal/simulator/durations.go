package simulator

import (
	_ "embed"
	"strconv"
	"strings"
	"time"
)

// A Duration is how long work on a resource of a type takes.
type Duration struct {
	// Type and Action: CREATE, UPDATE or DELETE.
	Type, Action string
	Took         time.Duration
	// Configured is after how long the resource is configured and only has to become consistent; 0 for types that do not tell.
	Configured time.Duration
	// Kind is "measured", "documented" or "estimate"; Source says where it comes from.
	Kind, Source string
}

//go:embed durations.txt
var durationTable string

// A table of durations by type and action.
type table map[string]Duration

// otherwise is for types that the table lacks.
const otherwise = 10 * time.Second

func (t table) of(typ, action string) Duration {
	if d, known := t[typ+" "+action]; known {
		return d
	}
	return Duration{Type: typ, Action: action, Took: otherwise, Kind: "estimate", Source: "no entry"}
}

// Durations are all that the simulator goes by, in the table's order.
func Durations() []Duration {
	var all []Duration
	for line := range strings.Lines(durationTable) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.SplitN(line, " ", 5)
		took, configured, _ := strings.Cut(f[2], "/")
		all = append(all, Duration{Type: f[0], Action: f[1], Took: seconds(took), Configured: seconds(configured), Kind: f[3], Source: f[4]})
	}
	return all
}

func seconds(s string) time.Duration {
	n, _ := strconv.Atoi(s)
	return time.Duration(n) * time.Second
}

func newTable() table {
	t := table{}
	for _, d := range Durations() {
		t[d.Type+" "+d.Action] = d
	}
	return t
}
