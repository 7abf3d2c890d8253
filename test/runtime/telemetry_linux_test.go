package runtime_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tierform/tierform/test/runtime/collector"
	"github.com/tierform/tierform/test/runtime/platform"
	"github.com/tierform/tierform/test/runtime/world"
)

// oneTrace follows a payment through all services by what X-Ray received. Each service's part begins where another's ends.
func oneTrace(t *testing.T, p *platform.Platform) {
	var random [24]byte
	rand.Read(random[:])
	trace, caller := hex.EncodeToString(random[:16]), hex.EncodeToString(random[16:])
	const key, bearer = "trace-key-81f2", "bearer-of-a-customer"
	id, err := pays(t.Context(), p, key, "traceparent", "00-"+trace+"-"+caller+"-01", "Authorization", "Bearer "+bearer)
	if err != nil {
		t.Fatal(err)
	}
	settles(t, p, []string{id})
	var segments []collector.Segment
	await(t, func(ctx context.Context) error {
		var err error
		if segments, err = p.Segments(ctx, trace); err == nil {
			err = crosses(segments, caller)
		}
		return err
	})
	for _, s := range segments {
		for _, never := range []string{cardToken, key, bearer} {
			if strings.Contains(s.Document, never) {
				t.Errorf("X-Ray received %q: %s", never, s.Document)
			}
		}
	}
}

// crosses expects every service in a trace, and each part below another one or the caller.
func crosses(segments []collector.Segment, caller string) error {
	parents, services := map[string]string{}, map[string]string{}
	for _, s := range segments {
		parents[s.ID], services[s.ID] = s.ParentID, s.Name
	}
	for id, parent := range parents {
		if _, known := parents[parent]; !known && parent != caller {
			return fmt.Errorf("%s %s has the parent %q, which is not there", services[id], id, parent)
		}
	}
	want, paths := []string{api, processor, notifier}, [][]string{}
	for id := range parents {
		path := []string{}
		for at := id; parents[at] != ""; at = parents[at] { // calls are there too, under the address that is called
			if name := services[at]; slices.Contains(want, name) && (len(path) == 0 || path[0] != name) {
				path = append([]string{name}, path...)
			}
		}
		if slices.Equal(path, want) {
			return nil
		}
		paths = append(paths, path)
	}
	return fmt.Errorf("no way through all services among %q", paths)
}

// emf is a line of CloudWatch's embedded metric format (CloudWatch User Guide, "Specification: Embedded metric format").
type emf struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name string }
		}
	} `json:"_aws"`
}

// backlogs compares the metric that services write with the one that their scaling policies ask for.
func backlogs(t *testing.T, p *platform.Platform) {
	for _, service := range []string{processor, notifier} {
		t.Run(service, func(t *testing.T) {
			s, err := p.World.Service(service)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(s.Metrics, func(m world.Metric) bool {
				return !strings.HasPrefix(m.Namespace, "AWS/") && !strings.HasPrefix(m.Namespace, "ECS/")
			})
			if i < 0 {
				t.Fatal("no scaling policy asks for a metric of the service's own")
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			line, err := p.Tasks(service)[0].Application().Line(ctx, func(line string) bool { return strings.Contains(line, `"_aws"`) })
			if err != nil {
				t.Fatal(err)
			}
			want := s.Metrics[i]
			want.Policy, want.Stat = "", ""
			if d := cmp.Diff(want, written(t, line, want.Name)); d != "" {
				t.Errorf("%s (-scaling policy +line %s):\n%s", service, line, d)
			}
		})
	}
}

// written is the metric of a line, which must have a number for it.
func written(t *testing.T, line, name string) world.Metric {
	t.Helper()
	var form emf
	var values map[string]any
	if err := json.Unmarshal([]byte(line), &form); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(line), &values); err != nil {
		t.Fatal(err)
	}
	if _, number := values[name].(float64); !number || len(form.AWS.CloudWatchMetrics) != 1 || len(form.AWS.CloudWatchMetrics[0].Dimensions) != 1 || len(form.AWS.CloudWatchMetrics[0].Metrics) != 1 {
		t.Fatalf("not one metric with a number and one set of dimensions: %s", line)
	}
	d := form.AWS.CloudWatchMetrics[0]
	m := world.Metric{Namespace: d.Namespace, Name: d.Metrics[0].Name, Dimensions: map[string]string{}}
	for _, dimension := range d.Dimensions[0] {
		m.Dimensions[dimension] = fmt.Sprint(values[dimension])
	}
	return m
}
