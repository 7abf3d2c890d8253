// Package metrics writes metrics as lines in CloudWatch's embedded metric
// format, which CloudWatch Logs turns into metrics without an agent.
package metrics

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// BacklogPerTask is the metric that the scaling policies track: the work that
// waits, per task that can do it.
const BacklogPerTask = "BacklogPerTask"

// Interval is how often a service tells its backlog: twice per period of the
// scaling alarms, which is a minute.
const Interval = 30 * time.Second

// Emitter writes metrics of one service in one environment.
type Emitter struct {
	out                             io.Writer
	namespace, environment, service string
}

// NewEmitter writes to out, which must be the container's standard output and
// safe for concurrent use; each metric is one Write.
func NewEmitter(out io.Writer, namespace, environment, service string) *Emitter {
	return &Emitter{out: out, namespace: namespace, environment: environment, service: service}
}

type definition struct {
	Name string `json:"Name"`
	Unit string `json:"Unit"`
}

type directive struct {
	Namespace  string       `json:"Namespace"`
	Dimensions [][]string   `json:"Dimensions"`
	Metrics    []definition `json:"Metrics"`
}

type metadata struct {
	Timestamp         int64       `json:"Timestamp"`
	CloudWatchMetrics []directive `json:"CloudWatchMetrics"`
}

// Count writes one value of a metric with the unit Count and exactly the
// dimensions Environment and ServiceName. Its source for the form is
// "Specification: Embedded metric format" of the CloudWatch User Guide.
func (e *Emitter) Count(now time.Time, metric string, value float64) error {
	line, err := json.Marshal(map[string]any{
		"_aws": metadata{
			Timestamp: now.UnixMilli(),
			CloudWatchMetrics: []directive{{
				Namespace:  e.namespace,
				Dimensions: [][]string{{"Environment", "ServiceName"}},
				Metrics:    []definition{{Name: metric, Unit: "Count"}},
			}},
		},
		"Environment": e.environment,
		"ServiceName": e.service,
		metric:        value,
	})
	if err != nil {
		return fmt.Errorf("write metric %s: %w", metric, err)
	}
	if _, err := e.out.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write metric %s: %w", metric, err)
	}
	return nil
}

// Every tells a metric at once and then at each interval, until ctx ends. A
// value that cannot be read is left out: a made-up zero would scale in.
func (e *Emitter) Every(ctx context.Context, log *slog.Logger, interval time.Duration, metric string, read func(context.Context) (float64, error)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := e.read(ctx, metric, read); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "metric left out", "metric", metric, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (e *Emitter) read(ctx context.Context, metric string, read func(context.Context) (float64, error)) error {
	value, err := read(ctx)
	if err != nil {
		return err
	}
	return e.Count(time.Now(), metric, value)
}
