package server

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tierform/tierform/services/internal/config"
	"github.com/tierform/tierform/services/internal/logging"
)

// task is what the task definition gives, with a port of this machine.
func task(port string) config.Lookup {
	values := map[string]string{
		"SERVICE_NAME": "payment-api", "OTEL_SERVICE_NAME": "payment-api", "ENVIRONMENT": "prod", "METRIC_NAMESPACE": "PaymentPlatform",
		"STOP_TIMEOUT": "90s", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "PORT": port,
	}
	return func(name string) (string, bool) { value, ok := values[name]; return value, ok }
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

func TestTheExitCodeTellsHowAProgramEnded(t *testing.T) {
	for name, test := range map[string]struct {
		failed error
		code   int
		log    string
	}{
		"finished": {nil, 0, `"msg":"stopped"`},
		"failed":   {errors.New("no connection"), 1, "run payment-api: no connection"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			code := Main(nil, task("8080"), &out, func(_ *config.Reader, instance string) func(context.Context, Base) error {
				return func(_ context.Context, base Base) error {
					base.Log.Info("here")
					if err := base.Metrics.Count(time.Now(), "Jobs", 1); err != nil || base.Instance != instance || len(instance) != 12 || base.HTTP == nil {
						t.Errorf("the base is %+v, %v", base, err)
					}
					return test.failed
				}
			})
			for _, want := range []string{test.log, `"msg":"here","service":"payment-api"`, `"ServiceName":"payment-api"`} {
				if code != test.code || strings.Contains(out.String(), "traces are lost") || !strings.Contains(out.String(), want) {
					t.Errorf("the exit code is %d; %s is missing in %s", code, want, out.String())
				}
			}
		})
	}
}

// The stop of ECS is a SIGTERM; a service that was told so has not failed.
func TestAServiceServesUntilSIGTERM(t *testing.T) {
	port, ended := freePort(t), make(chan int, 1)
	var text bytes.Buffer
	out := logging.Output(&text)
	go func() {
		ended <- Main(nil, task(port), out, func(*config.Reader, string) func(context.Context, Base) error {
			return func(ctx context.Context, base Base) error { return base.Serve(ctx, http.NewServeMux()) }
		})
	}()
	for Main([]string{"healthcheck"}, task(port), &bytes.Buffer{}, nil) != 0 {
		select {
		case code := <-ended:
			t.Fatalf("it ended with %d: %s", code, text.String())
		default:
		}
	}
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := <-ended; code != 0 || !strings.Contains(text.String(), `"at_most":"1m20s"`) {
		t.Errorf("it ended with %d: %s", code, text.String())
	}
}

func TestAHealthCheckFailsWhereNobodyIsWell(t *testing.T) {
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer ill.Close()
	address, err := url.Parse(ill.URL)
	if err != nil {
		t.Fatal(err)
	}
	for name, port := range map[string]string{"status 500": address.Port(), "does not answer": freePort(t)} {
		var out bytes.Buffer
		if code := Main([]string{"healthcheck"}, task(port), &out, nil); code != 1 || !strings.Contains(out.String(), name) {
			t.Errorf("%s: %d, %s", name, code, out.String())
		}
	}
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	taken, err := Listen(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	base := Base{Service: config.Service{Port: taken.Addr().(*net.TCPAddr).Port}, Log: quiet()}
	if err := base.Serve(t.Context(), http.NewServeMux()); err == nil || !strings.Contains(err.Error(), "PORT") {
		t.Errorf("got %v", err)
	}
	_ = taken.Close()
	if err := Serve(t.Context(), taken, http.NotFoundHandler(), time.Second, quiet()); err == nil || !strings.Contains(err.Error(), "serve HTTP") {
		t.Errorf("a listener that is closed gives %v", err)
	}
}
