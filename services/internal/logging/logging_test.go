package logging

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"
)

// 4111 1111 1111 1111 and the others are the numbers that card schemes publish
// for tests.
func TestCardNumbersAreMasked(t *testing.T) {
	for text, want := range map[string]string{
		"card 4111111111111111 refused":                "card [card number] refused",
		"4111 1111 1111 1111":                          "[card number]",
		"4111-1111-1111-1111":                          "[card number]",
		"ref4111111111111111x":                         "ref[card number]x",
		"3782 822463 10005":                            "[card number]", // 15 digits
		"4222222222222":                                "[card number]", // 13 digits
		"6304000000000000000":                          "[card number]", // 19 digits
		"order 12 4111111111111111 paid":               "order 12 [card number] paid",
		"4111111111111111-2":                           "[card number]-2",
		"70007000700000000000411111111111111100000007": "7[card number][card number]000007",
		"4111111111111111 5555555555554444":            "[card number] [card number]",
		"4111111111111112":                             "4111111111111112", // fails the check
		"411111111111":                                 "411111111111",     // 12 digits
		"0000000000000000":                             "0000000000000000",
		"4111  1111  1111  1111":                       "4111  1111  1111  1111",
		"no digits":                                    "no digits",
		"2026-11-23T16:07:38.123456789Z":               "2026-11-23T16:07:38.123456789Z",
		"41111111-1111-1111-aaaa-0123456789":           "[card number]-aaaa-0123456789",
		// A UUID and a trace id whose digits pass the check by chance.
		"41111111-1111-1111-8aaa-0123456789ab": "41111111-1111-1111-8aaa-0123456789ab",
		"4111111111111111aaaaaaaaaaaaaaaa":     "4111111111111111aaaaaaaaaaaaaaaa",
	} {
		if got := MaskCardNumbers(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
		if ContainsCardNumber(text) != (want != text) {
			t.Errorf("ContainsCardNumber(%q) is wrong", text)
		}
	}
}

func TestNoCardNumberReachesTheLog(t *testing.T) {
	const card = "4111111111111111"
	var out bytes.Buffer
	log := New(&out, "payment-api", "one").With("with "+card, card).WithGroup("group " + card)
	log.Info("message "+card,
		"text", card, "number", int64(4111111111111111), "unsigned", uint64(4111111111111111), "float", float64(4111111111111111),
		"error", errors.New("refused "+card), "bytes", []byte(card), "any", map[string]string{"deep": "4111-1111 1111-1111"},
		slog.Group("inner", "text", card), "valuer", valuer{}, card, "key", "channel", make(chan int))
	if text := out.String(); strings.Contains(text, "4111") {
		t.Errorf("a card number is in the log: %s", text)
	}
	if !json.Valid(out.Bytes()) {
		t.Errorf("the line is not JSON: %s", out.String())
	}
}

func TestWhatIsNoCardNumberReachesTheLogAsItIs(t *testing.T) {
	var out bytes.Buffer
	log := New(&out, "payment-api", "one").With("with", 1)
	log.Info("message", "text", "order 7", "number", 1999, "unsigned", uint(7), "float", 0.5, "ok", true, "wait", time.Second, "none", nil,
		"when", time.Unix(0, 0).UTC(), "error", errors.New("refused"), "bytes", []byte("abc"), "any", map[string]int{"deep": 1},
		"group", slog.GroupValue(slog.Int("a", 1), slog.Int("b", 2)), "channel", make(chan int))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	delete(line, slog.TimeKey)
	want := map[string]any{"level": "INFO", "msg": "message", "service": "payment-api", "instance": "one", "with": 1.0, "text": "order 7", "number": 1999.0,
		"unsigned": 7.0, "float": 0.5, "ok": true, "wait": float64(time.Second), "none": nil, "when": "1970-01-01T00:00:00Z", "error": "refused",
		"bytes": "abc", "any": map[string]any{"deep": 1.0}, "group": map[string]any{"a": 1.0, "b": 2.0}, "channel": "[cannot be written]"}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error(diff)
	}
}

// alone is a writer that takes no two lines at once.
type alone struct {
	busy atomic.Bool
	t    *testing.T
}

func (a *alone) Write(line []byte) (int, error) {
	if !a.busy.CompareAndSwap(false, true) {
		a.t.Error("two lines were written at once")
	}
	runtime.Gosched()
	a.busy.Store(false)
	return len(line), nil
}

func TestLinesOfLogAndMetricsDoNotMix(t *testing.T) {
	out := Output(&alone{t: t})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				if n, err := out.Write([]byte("line\n")); n != 5 || err != nil {
					t.Error(n, err)
				}
			}
		})
	}
	all.Wait()
}

type valuer struct{}

func (valuer) LogValue() slog.Value { return slog.StringValue("4111111111111111") }

func TestALineWithinASpanTellsItsTrace(t *testing.T) {
	var out bytes.Buffer
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}})
	ctx := trace.ContextWithSpanContext(context.Background(), span)
	New(&out, "payment-api", "one").InfoContext(ctx, "hello", "wait", time.Second, "ok", true)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["trace_id"] != span.TraceID().String() || line["service"] != "payment-api" || line["instance"] != "one" {
		t.Errorf("the line is %v", line)
	}
}

func FuzzACardNumberIsMaskedInAnyText(f *testing.F) {
	f.Add("order 12 ", " 34")
	f.Add("41111111-1111-1111-8aaa-0123456789ab:", "")
	f.Fuzz(func(t *testing.T, before, after string) {
		text := before + ":5555 5555 5555 4444:" + after
		if got := MaskCardNumbers(text); strings.Contains(got, ":5555 5555 5555 4444:") {
			t.Errorf("%q became %q", text, got)
		}
	})
}
