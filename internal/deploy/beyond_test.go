package deploy_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tierform/tierform/internal/deploy"
	"github.com/tierform/tierform/internal/deploy/cloud"
)

// beyond is a client for the simulator that can give other answers than it, and that can die, as a process does that is killed.
type beyond struct {
	*world
	lock sync.Mutex
	// answers are bodies by "service:Operation"; one that begins with a digit is an error: "400 Code".
	answers map[string]string
	asked   []string
	// sent are the latest forms by "service:Operation".
	sent map[string]url.Values
	// on is done before an answer.
	on map[string]func()
	// undated answers do not tell the time.
	undated bool
	// gone is a bucket that is not there any more.
	gone string
	// life is after how many calls the process dies, 0 for never; die is called then.
	life, calls int
	// reached counts the calls that reached the simulator.
	reached int
	die     context.CancelFunc
}

func newBeyond(w *world) *beyond {
	return &beyond{world: w, on: map[string]func(){}, answers: map[string]string{}, sent: map[string]url.Values{}}
}

// in makes a run go through the client.
func (b *beyond) in(_ *deploy.Options, c *cloud.Options) { c.Client = b }

func (b *beyond) Do(r *http.Request) (*http.Response, error) {
	service, operation := b.read(r)
	b.lock.Lock()
	defer b.lock.Unlock()
	b.calls++
	b.asked = append(b.asked, service+":"+operation)
	if b.life > 0 && b.calls > b.life {
		b.die()
		return nil, context.Canceled
	}
	if do := b.on[service+":"+operation]; do != nil {
		do()
	}
	if answer, known := b.answers[service+":"+operation]; known {
		return respond(r, service, answer), nil
	}
	if service == "s3" && b.gone != "" && strings.HasPrefix(r.URL.Path, "/"+b.gone) {
		res := respond(r, service, `<Error><Code>NoSuchBucket</Code></Error>`)
		res.StatusCode = http.StatusNotFound
		return res, nil
	}
	b.reached++
	res, err := b.sim.Client().Do(r)
	if err == nil && b.undated {
		res.Header.Del("Date")
	}
	return res, err
}

func (b *beyond) read(r *http.Request) (service, operation string) {
	var data []byte
	if r.Body != nil {
		data, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(data))
	}
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	if parts := strings.Split(scope, "/"); len(parts) > 3 {
		service = parts[3]
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return service, target[strings.LastIndexByte(target, '.')+1:]
	}
	for query, operation := range map[string]string{"delete": "DeleteObjects", "versioning": "GetBucketVersioning", "versions": "ListObjectVersions"} {
		if service == "s3" && r.URL.Query().Has(query) {
			return service, operation
		}
	}
	form, _ := url.ParseQuery(string(data))
	b.lock.Lock()
	b.sent[service+":"+form.Get("Action")] = form
	b.lock.Unlock()
	return service, form.Get("Action")
}

func respond(r *http.Request, service, body string) *http.Response {
	code := http.StatusOK
	if name, failed := strings.CutPrefix(body, "400 "); failed {
		code, body = http.StatusBadRequest, `{"__type":"`+name+`","message":"no"}`
		if service == "cloudformation" || service == "s3" {
			body = `<ErrorResponse><Error><Code>` + name + `</Code><Message>no</Message></Error></ErrorResponse>`
		}
	}
	return &http.Response{StatusCode: code, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r}
}

// killed runs a verb whose process dies after so many calls: nothing is cleaned up.
func (b *beyond) killed(after int, do func(context.Context, *deploy.Engine) error) *run {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.life, b.calls, b.die = after, 0, cancel
	r := b.runIn(ctx, do, b.in, func(o *deploy.Options, c *cloud.Options) {
		o.Clock = heartbeat{o.Clock, ctx}
		c.Clock = o.Clock
	})
	b.life = 0
	return r
}

// heartbeat is the clock of a process that may die: nobody sleeps after that, so that no time passes on its behalf.
type heartbeat struct {
	clock
	life context.Context
}

func (m heartbeat) Sleep(ctx context.Context, d time.Duration) error {
	if err := m.life.Err(); err != nil {
		return err
	}
	return m.clock.Sleep(ctx, d)
}
