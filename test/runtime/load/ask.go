package load

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// ask asks payment-api for a payment.
func ask(ctx context.Context, client *http.Client, url string) Kind {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Failed
	}
	answer, err := client.Do(request)
	if err != nil {
		return Failed
	}
	defer answer.Body.Close()
	var payment struct {
		Settlement *struct{}
		Missing    bool `json:"settlement_unavailable"`
	}
	err = json.NewDecoder(answer.Body).Decode(&payment)
	return KindOf(answer.StatusCode, payment.Missing || payment.Settlement == nil, err)
}

// Saturate has so many callers ask, each again as soon as it is answered: it shows how much is answered at most, and nothing of how long
// those wait who do not wait for others.
func Saturate(ctx context.Context, callers int, length time.Duration, send func(context.Context) Kind) Result {
	var (
		r     Result
		lock  sync.Mutex
		all   sync.WaitGroup
		start = time.Now()
	)
	for range callers {
		all.Go(func() {
			for time.Since(start) < length && ctx.Err() == nil {
				begun := time.Now()
				kind := send(ctx)
				took := time.Since(begun)
				lock.Lock()
				r.Counts[kind]++
				r.latencies = append(r.latencies, took)
				lock.Unlock()
			}
		})
	}
	all.Wait()
	return r.done(start)
}
