package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/tierform/tierform/services/internal/telemetry"
)

// Handler is routes with what every service adds: GET /health, a span and a log
// line for each request. Neither has the path or the body, which may hold card
// data; they have the pattern that matched.
func Handler(routes *http.ServeMux, tracing *telemetry.Tracing, log *slog.Logger) http.Handler {
	// It asks nothing else: a database that is down must not stop the tasks.
	routes.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		Write(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	return tracing.Handler(logged(routes, log))
}

func logged(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			next.ServeHTTP(w, r)
			return
		}
		begun, seen := time.Now(), &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		log.InfoContext(r.Context(), "request", "route", r.Pattern, "status", seen.status,
			"milliseconds", time.Since(begun).Milliseconds())
	})
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the server's own writer.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
