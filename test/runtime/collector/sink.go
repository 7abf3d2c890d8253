package collector

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"
)

// A Sink is the AWS stand-in that a collector's exporters send to: moto, which keeps what it gets in memory.
type Sink struct {
	// URL is its address, for all services of AWS.
	URL string

	process *process
	input   io.Closer
}

// region is the one that the sink's callers say; it keeps regions apart.
const region = "us-east-1"

// StartSink starts the sink from a folder that holds .venv, which make installs, and tools. It ends with Stop, with the context or with
// this process.
func StartSink(ctx context.Context, root string) (*Sink, error) {
	cmd := exec.Command(filepath.Join(root, ".venv/bin/python"), filepath.Join(root, "tools/companion.py"))
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("the sink's input: %w", err)
	}
	reader, writer := io.Pipe()
	cmd.Stdout = writer
	p, err := start(ctx, cmd)
	if err != nil {
		return nil, err
	}
	s := &Sink{process: p, input: input}
	go func() {
		<-p.done
		_ = writer.CloseWithError(io.ErrUnexpectedEOF)
	}()
	limit := time.AfterFunc(startLimit, p.end)
	defer limit.Stop()
	lines := bufio.NewReader(reader)
	line, err := lines.ReadBytes('\n')
	// Whoever stops reading keeps it from ending.
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	if err == nil {
		err = json.Unmarshal(line, s)
	}
	if err != nil {
		s.Stop()
		return nil, fmt.Errorf("the sink says no address: %w; it wrote %q", err, p.log.String())
	}
	return s, nil
}

// Stop ends the sink; what it keeps is gone. How it ended does not matter.
func (s *Sink) Stop() {
	_ = s.input.Close()
	_ = s.process.stop()
}

// Environment is what a collector needs to call the sink: a region, and credentials that the sink does not check.
func (s *Sink) Environment() []string {
	return []string{"AWS_REGION=" + region, "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=unchecked"}
}

// A Segment is what X-Ray received from one service for one piece of work (X-Ray Developer Guide, "AWS X-Ray segment documents").
type Segment struct {
	// Name is the service's.
	Name     string `json:"name"`
	TraceID  string `json:"trace_id"`
	ID       string `json:"id"`
	ParentID string `json:"parent_id"`
	// Document is the whole as it was received.
	Document string `json:"-"`
}

// Segments are those of a trace that have arrived, by start; none is no error. The id is the 32 hexadecimal digits of W3C's traceparent.
func (s *Sink) Segments(ctx context.Context, traceID string) ([]Segment, error) {
	if len(traceID) != 32 {
		return nil, fmt.Errorf("the trace id %q is not of 32 hexadecimal digits", traceID)
	}
	// X-Ray Developer Guide, "Trace header": version 1, eight digits that may be a time, 24 others.
	body, err := json.Marshal(map[string][]string{"TraceIds": {"1-" + traceID[:8] + "-" + traceID[8:]}})
	if err != nil {
		return nil, err
	}
	var found struct {
		Traces []struct{ Segments []struct{ Document string } }
	}
	if err := s.call(ctx, "/Traces", body, &found); err != nil {
		return nil, fmt.Errorf("reading trace %s: %w", traceID, err)
	}
	var segments []Segment
	for _, trace := range found.Traces {
		for _, raw := range trace.Segments {
			segment := Segment{Document: raw.Document}
			if err := json.Unmarshal([]byte(raw.Document), &segment); err != nil {
				return nil, fmt.Errorf("the segment %q: %w", raw.Document, err)
			}
			segments = append(segments, segment)
		}
	}
	return segments, nil
}

// call asks the sink's X-Ray. It tells services apart by the name in the signature, and checks nothing of it.
func (s *Sink) call(ctx context.Context, path string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/"+region+"/xray/aws4_request, SignedHeaders=host, Signature=0")
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the sink answers %s: %s", response.Status, text)
	}
	return json.Unmarshal(text, answer)
}
