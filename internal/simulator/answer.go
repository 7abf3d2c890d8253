package simulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// An answer is a response that is not on its way yet: faults may still break it.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
	// lost breaks the connection instead; cut after half of the body.
	lost, half bool
}

func newAnswer() *answer { return &answer{header: http.Header{}, status: http.StatusOK} }

// Header, WriteHeader and Write are those of http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sets the status.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write adds to the body.
func (a *answer) Write(data []byte) (int, error) { return a.body.Write(data) }

// date tells the simulator's time, from which callers see that their clocks are wrong. Errors go without: the SDK would compare it with the
// machine's clock, which is not the run's, and repeat what is denied as if the clock were why.
func (a *answer) date(now time.Time) {
	if a.status < http.StatusBadRequest {
		a.header.Set("Date", now.UTC().Format(http.TimeFormat))
	}
}

// errBroken is what a client sees of a connection that broke before the answer.
var errBroken = errors.New("read: connection reset by peer (simulated)")

// response is the answer for a client in the same process.
func (a *answer) response(r *http.Request) (*http.Response, error) {
	if a.lost {
		return nil, errBroken
	}
	body := io.NopCloser(bytes.NewReader(a.body.Bytes()))
	if a.half {
		body = io.NopCloser(io.MultiReader(bytes.NewReader(a.body.Bytes()[:a.body.Len()/2]), broken{}))
	}
	return &http.Response{Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: body, ContentLength: int64(a.body.Len()), Request: r}, nil
}

// broken is the rest of a body that never comes.
type broken struct{}

// Read fails.
func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// send writes the answer to a network. A lost one closes the connection; where that cannot be taken over, net/http's own abort does it.
func (a *answer) send(w http.ResponseWriter) {
	if a.lost {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // how net/http wants a response to be aborted
		}
		_ = connection.Close()
		return
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	body := a.body.Bytes()
	if a.half { // fewer bytes than announced: net/http closes the connection
		body = body[:len(body)/2]
	}
	_, _ = w.Write(body)
}
