package rehearsal_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tierform/tierform/internal/deploy/report"
	"github.com/tierform/tierform/internal/rehearsal"
)

// The first deployment waits for the scans of all images and judges each once, before it uploads anything.
func TestGateIsShown(t *testing.T) {
	var events []report.Event
	ctx, cancel := context.WithCancel(t.Context())
	o := platform(t, &events)
	told, first := o.Reporter, false
	o.Reporter = report.Func(func(e report.Event) {
		told.Report(e)
		_, scanned := e.(report.ImageScan)
		_, uploaded := e.(report.Templates)
		if first = first || scanned; first && uploaded {
			cancel() // the rest of the life is of no interest here
		}
	})
	if err := rehearsal.Run(ctx, o); err == nil || !first {
		t.Fatal("no image was judged")
	}
	var names []string
	waited := false
	for _, e := range events {
		switch e := e.(type) {
		case report.ImageScan:
			if names = append(names, e.Name); !e.Passed || e.Status != "COMPLETE" {
				t.Errorf("%+v", e)
			}
		case report.Note:
			waited = waited || strings.Contains(e.Text, "for scans: administration (no scan is found yet)")
		}
	}
	if diff := cmp.Diff([]string{"administration", "collector", "envoy", "notification-service", "payment-api", "transaction-processor"}, names); diff != "" || !waited {
		t.Error(diff, waited)
	}
}

// Templates whose images are in a registry elsewhere can be rehearsed too.
func TestRegistryElsewhere(t *testing.T) {
	var events []report.Event
	o := platform(t, &events)
	o.Templates, o.Values, o.Fail = os.DirFS("../deploy/testdata/small"), nil, "Database"
	o.Change = rehearsal.Change{Name: "Size", Update: "2", Failing: "3"}
	if err := rehearsal.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}
