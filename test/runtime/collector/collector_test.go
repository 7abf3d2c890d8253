package collector

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// folder is where the programs are, or skips the test.
func folder(t *testing.T) string {
	t.Helper()
	root := os.Getenv("TIERFORM_RUNTIME")
	if root == "" {
		t.Skip("no collector: make test installs it")
	}
	return root
}

// golden is the collector's configuration in a template: the block of text below the variable's name.
func golden(t *testing.T, path string) string {
	t.Helper()
	template, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(template), "- Name: "+Variable+"\n")
	if !found {
		t.Fatalf("%s has no %s", path, Variable)
	}
	_, rest, _ = strings.Cut(rest, "\n")
	indent := rest[:len(rest)-len(strings.TrimLeft(rest, " "))]
	var block strings.Builder
	for line := range strings.Lines(rest) {
		text, below := strings.CutPrefix(line, indent)
		if !below {
			break
		}
		block.WriteString(text)
	}
	return block.String()
}

func templates(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("../../../golden/service-*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no templates", err)
	}
	return paths
}

// free is an overlay with addresses of this machine that nobody listens on.
func free(t *testing.T) Overlay {
	t.Helper()
	var at [3]string
	for i := range at {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		at[i] = l.Addr().String()
	}
	return Overlay{Health: at[0], GRPC: at[1], HTTP: at[2]}
}

// The collector takes the configuration of every service as the templates carry it, and none with a key that it does not know, or with a
// component that is not built in.
func TestValidate(t *testing.T) {
	program := filepath.Join(folder(t), "bin/collector")
	for _, path := range templates(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			configuration := golden(t, path)
			if err := Validate(t.Context(), program, configuration, ""); err != nil {
				t.Error(err)
			}
			for right, wrong := range map[string]string{"limit_mib": "limit_mb", "awsxray": "awsxrays", "\"batch\"": "\"batches\""} {
				if err := Validate(t.Context(), program, strings.ReplaceAll(configuration, right, wrong), ""); err == nil {
					t.Errorf("%s instead of %s is accepted", wrong, right)
				}
			}
		})
	}
}

// A span that a service sends reaches X-Ray within the batch's time, without what the configuration deletes; so does one that the
// collector still holds when it is stopped.
func TestSpanReachesXRay(t *testing.T) {
	root := folder(t)
	sink, err := StartSink(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Stop()
	for _, path := range templates(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			overlay := free(t)
			overlay.XRay = sink.URL
			c, err := Start(t.Context(), filepath.Join(root, "bin/collector"), golden(t, path), overlay.String(), sink.Environment()...)
			if err != nil {
				t.Fatal(err)
			}
			first := send(t, overlay.HTTP)
			document := await(t, sink, first)
			if !strings.Contains(document, "settled-attribute") {
				t.Errorf("the span's own attribute is missing: %s", document)
			}
			for _, never := range []string{"4111111111111111", "hunter2", "/payments?card", "5500005555555559"} {
				if strings.Contains(document, never) {
					t.Errorf("X-Ray received %q: %s", never, document)
				}
			}
			second := send(t, overlay.HTTP)
			if err := c.Stop(); err != nil {
				t.Error(err)
			}
			if segments, err := sink.Segments(t.Context(), second); err != nil || len(segments) != 1 {
				t.Errorf("after the stop: %v, %v", segments, err)
			}
		})
	}
}

// send sends one span to a receiver, as OTLP's JSON form, and returns the trace's id.
func send(t *testing.T, address string) string {
	t.Helper()
	var random [24]byte
	_, _ = rand.Read(random[:])
	trace, span := hex.EncodeToString(random[:16]), hex.EncodeToString(random[16:])
	attribute := func(key, value string) any {
		return map[string]any{"key": key, "value": map[string]any{"stringValue": value}}
	}
	now := time.Now()
	body, err := json.Marshal(map[string]any{"resourceSpans": []any{map[string]any{
		"resource": map[string]any{"attributes": []any{attribute("service.name", "payment-api")}},
		"scopeSpans": []any{map[string]any{"spans": []any{map[string]any{
			"traceId": trace, "spanId": span, "name": "POST /payments", "kind": 2,
			"startTimeUnixNano": fmt.Sprint(now.Add(-time.Millisecond).UnixNano()), "endTimeUnixNano": fmt.Sprint(now.UnixNano()),
			"attributes": []any{attribute("payment.state", "settled-attribute"), attribute("card.number", "4111111111111111"),
				attribute("db.password", "hunter2"), attribute("url.full", "http://api/payments?card"),
				attribute("url.path", "/payments/5500005555555559")},
		}}}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post("http://"+address+"/v1/traces", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatal("the receiver answers", response.Status)
	}
	return trace
}

// await asks for a trace until its one segment is there.
func await(t *testing.T, sink *Sink, trace string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		segments, err := sink.Segments(ctx, trace)
		if err != nil {
			t.Fatal(err)
		}
		if len(segments) == 1 && segments[0].Name == "payment-api" {
			return segments[0].Document
		}
		select {
		case <-ctx.Done():
			t.Fatalf("trace %s has %v", trace, segments)
		case <-tick.C:
		}
	}
}

// What keeps a collector from starting is said, with its own words.
func TestStartFails(t *testing.T) {
	program := filepath.Join(folder(t), "bin/collector")
	right, overlay := golden(t, templates(t)[0]), free(t)
	taken, err := net.Listen("tcp", overlay.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for name, c := range map[string]struct{ program, configuration, overlay, want string }{
		"no program":      {program + "s", right, "", "make programs"},
		"no JSON":         {program, "receivers: {}", "", "not the JSON"},
		"no health check": {program, `{"extensions":{}}`, "", "health_check.endpoint"},
		"unknown key":     {program, strings.Replace(right, "limit_mib", "limit_mb", 1), overlay.String(), "limit_mb"},
		"address taken":   {program, right, overlay.String(), "address already in use"},
	} {
		t.Run(name, func(t *testing.T) {
			running, err := Start(t.Context(), c.program, c.configuration, c.overlay, "AWS_REGION="+region)
			if err == nil {
				_ = running.Stop()
				t.Fatal("it starts")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v lacks %q", err, c.want)
			}
		})
	}
}

// A sink whose folder holds no Python is refused by name, and so is a trace id of another form.
func TestSinkRefuses(t *testing.T) {
	if _, err := StartSink(t.Context(), t.TempDir()); err == nil || !strings.Contains(err.Error(), ".venv/bin/python") {
		t.Error(err)
	}
	if _, err := (&Sink{}).Segments(t.Context(), "1-2-3"); err == nil {
		t.Error("another form of id is accepted")
	}
}

// Without an address there is no overlay; the others lie where the collector looks.
func TestOverlay(t *testing.T) {
	if got := (Overlay{}).String(); got != "" {
		t.Error(got)
	}
	want := `{"exporters":{"awsxray":{"endpoint":"x"}},"receivers":{"otlp":{"protocols":{"grpc":{"endpoint":"g"},"http":{"endpoint":"h"}}}}}`
	if got := (Overlay{XRay: "x", GRPC: "g", HTTP: "h"}).String(); got != want {
		t.Error(got)
	}
}
