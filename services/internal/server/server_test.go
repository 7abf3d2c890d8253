package server

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tierform/tierform/services/internal/config"
	"github.com/tierform/tierform/services/internal/telemetry"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// serve runs routes as a service does; end stops it and gives how it ended.
func serve(t *testing.T, routes *http.ServeMux, drain time.Duration) (address string, end func() <-chan error) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(ctx, listener, Handler(routes, telemetry.Disabled(), quiet()), drain, quiet())
	}()
	return "http://" + listener.Addr().String(), func() <-chan error { cancel(); return ended }
}

func TestHealthIsAnsweredWithoutAnythingElse(t *testing.T) {
	address, end := serve(t, http.NewServeMux(), time.Second)
	parsed, _ := url.Parse(address)
	port, _ := strconv.Atoi(parsed.Port())
	if err := CheckHealth(t.Context(), port); err != nil {
		t.Error(err)
	}
	if got := get(address + "/health"); got != `{"status":"ok"}`+"\n" {
		t.Errorf("health is answered with %q", got)
	}
	if err := <-end(); err != nil {
		t.Error(err)
	}
	if err := CheckHealth(t.Context(), port); err == nil {
		t.Error("a stopped service is called healthy")
	}
}

func TestAStopFinishesWhatIsUnderWayAndTakesNothingNew(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	routes := http.NewServeMux()
	routes.HandleFunc("GET /slow", func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-finish
		if r.Context().Err() != nil {
			t.Error("the request's context ended with the stop")
		}
		Write(w, http.StatusOK, "done")
	})
	address, end := serve(t, routes, 30*time.Second)
	answers := make(chan string, 1)
	go func() { answers <- get(address + "/slow") }()
	<-begun
	ended := end()
	for refused := false; !refused; {
		conn, err := net.DialTimeout("tcp", strings.TrimPrefix(address, "http://"), time.Second)
		if refused = err != nil; !refused {
			_ = conn.Close()
		}
	}
	close(finish)
	if got := <-answers; got != "\"done\"\n" {
		t.Errorf("the request under way was answered %q", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAStopDoesNotWaitForEver(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	defer close(finish)
	routes := http.NewServeMux()
	routes.HandleFunc("GET /stuck", func(http.ResponseWriter, *http.Request) { close(begun); <-finish })
	address, end := serve(t, routes, time.Millisecond)
	go get(address + "/stuck")
	<-begun
	if err := <-end(); err == nil || !strings.Contains(err.Error(), "under way") {
		t.Errorf("the end says %v", err)
	}
}

func get(address string) string {
	response, err := http.Get(address)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	return string(body)
}

func TestTheRequestLogHasNeitherPathNorBody(t *testing.T) {
	var log bytes.Buffer
	routes := http.NewServeMux()
	routes.HandleFunc("GET /payments/{id}", func(w http.ResponseWriter, _ *http.Request) {
		Refuse(w, http.StatusNotFound, "unknown", "no")
	})
	handler := Handler(routes, telemetry.Disabled(), slog.New(slog.NewTextHandler(&log, nil)))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/payments/private?card=private", strings.NewReader("private")))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/health", nil))
	text := log.String()
	if strings.Contains(text, "private") || strings.Count(text, "\n") != 1 || !strings.Contains(text, `route="GET /payments/{id}" status=404`) {
		t.Errorf("the log is %s", text)
	}
}

func TestAnswersAreJSONThatNobodyKeeps(t *testing.T) {
	answer := httptest.NewRecorder()
	Unavailable(answer, "unavailable", "ask again")
	want := http.Header{"Content-Type": {"application/json"}, "Cache-Control": {"no-store"}, "Retry-After": {"1"}}
	if diff := cmp.Diff(want, answer.Header()); diff != "" || answer.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d: %s", answer.Code, diff)
	}
	if got := answer.Body.String(); got != `{"error":"unavailable","message":"ask again"}`+"\n" {
		t.Errorf("the body is %s", got)
	}
}

func TestBodies(t *testing.T) {
	large := `{"a":"` + strings.Repeat("x", MaxBody) + `"}`
	for _, test := range []struct {
		body             string
		strict, tolerant error
	}{
		{`{"a":"b"}`, nil, nil},
		{`{"a":"b","c":"d"}`, ErrBody, nil},
		{`{"a":"b"}{}`, ErrBody, ErrBody},
		{`{"a":"b"} trailing`, ErrBody, ErrBody},
		{`{"a":1}`, ErrBody, ErrBody},
		{``, ErrBody, ErrBody},
		{large, ErrTooLarge, ErrTooLarge},
	} {
		var into struct {
			A string `json:"a"`
		}
		request := func() *http.Request {
			return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
		}
		if err := Read(httptest.NewRecorder(), request(), &into); err != test.strict {
			t.Errorf("Read of %.20q gives %v", test.body, err)
		}
		if err := ReadTolerant(httptest.NewRecorder(), request(), &into); err != test.tolerant {
			t.Errorf("ReadTolerant of %.20q gives %v", test.body, err)
		}
	}
}

func TestAFaultyEnvironmentStartsNothing(t *testing.T) {
	var out bytes.Buffer
	lookup := func(name string) (string, bool) { return "x", name == "SERVICE_NAME" }
	code := Main(nil, lookup, &out, func(r *config.Reader, _ string) func(context.Context, Base) error {
		r.String("TRANSACTION_PROCESSOR_URL")
		return func(context.Context, Base) error { t.Error("the service was run"); return nil }
	})
	if code != 78 { // EX_CONFIG of sysexits.h
		t.Errorf("the exit code is %d", code)
	}
	for _, name := range []string{"PORT", "STOP_TIMEOUT", "TRANSACTION_PROCESSOR_URL"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("%s is not named in %s", name, out.String())
		}
	}
	if code := Main([]string{"serve"}, lookup, &out, nil); code != config.ExitCode {
		t.Errorf("an unknown argument ends with %d", code)
	}
	out.Reset()
	if code := Main([]string{"healthcheck"}, lookup, &out, nil); code != config.ExitCode || !strings.Contains(out.String(), "PORT") {
		t.Errorf("a health check without PORT ends with %d: %s", code, out.String())
	}
}
