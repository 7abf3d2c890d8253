package metrics

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestALineIsWhatTheScalingPolicyNames(t *testing.T) {
	var out bytes.Buffer
	emitter := NewEmitter(&out, "PaymentPlatform", "prod", "notification-service")
	if err := emitter.Count(time.UnixMilli(1_700_000_000_123), BacklogPerTask, 7.5); err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"_aws": map[string]any{
			"Timestamp": 1_700_000_000_123.0,
			"CloudWatchMetrics": []any{map[string]any{
				"Namespace":  "PaymentPlatform",
				"Dimensions": []any{[]any{"Environment", "ServiceName"}},
				"Metrics":    []any{map[string]any{"Name": "BacklogPerTask", "Unit": "Count"}},
			}},
		},
		"Environment": "prod", "ServiceName": "notification-service", "BacklogPerTask": 7.5,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if bytes.Count(out.Bytes(), []byte("\n")) != 1 {
		t.Error("a metric must be one line")
	}
}

// full is a standard output that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestWhatCannotBeWrittenIsAnError(t *testing.T) {
	emitter := NewEmitter(full{}, "n", "e", "s")
	for cause, value := range map[string]float64{"no space": 1, "NaN": math.NaN()} {
		if err := emitter.Count(time.Now(), "Jobs", value); err == nil || !strings.Contains(err.Error(), "Jobs") || !strings.Contains(err.Error(), cause) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAStopIsNoFault(t *testing.T) {
	var log bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	NewEmitter(full{}, "n", "e", "s").Every(ctx, slog.New(slog.NewTextHandler(&log, nil)), time.Hour, BacklogPerTask,
		func(ctx context.Context) (float64, error) { cancel(); return 0, ctx.Err() })
	if log.Len() != 0 {
		t.Errorf("the log is %s", log.String())
	}
}

func TestAValueThatCannotBeReadIsLeftOut(t *testing.T) {
	var out, log bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	NewEmitter(&out, "n", "e", "s").Every(ctx, slog.New(slog.NewTextHandler(&log, nil)), time.Millisecond, BacklogPerTask,
		func(context.Context) (float64, error) {
			if calls++; calls == 1 {
				return 0, errors.New("the database is away")
			}
			cancel()
			return 3, nil
		})
	if got := bytes.Count(out.Bytes(), []byte("\n")); got != 1 {
		t.Errorf("%d lines were written, want one: %s", got, out.String())
	}
	if !bytes.Contains(log.Bytes(), []byte("the database is away")) {
		t.Errorf("the log does not say why: %s", log.String())
	}
}
