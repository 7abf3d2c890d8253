package notification

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
)

type sender func(context.Context, string, Notification) error

func (s sender) Send(ctx context.Context, key string, n Notification) error { return s(ctx, key, n) }

// counting sends at once and counts.
func counting(sent *atomic.Int64) sender {
	return func(context.Context, string, Notification) error { sent.Add(1); return nil }
}

func routes(service *Service) http.Handler {
	mux := http.NewServeMux()
	(&Handler{Service: service, Log: slog.New(slog.DiscardHandler)}).Routes(mux)
	return mux
}

func call(handler http.Handler, method, path, key, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Idempotency-Key", key)
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

func TestANotificationIsSentOncePerKeyAndCanBeSeen(t *testing.T) {
	var sent atomic.Int64
	handler, id := routes(NewService(counting(&sent))), uuid.NewString()
	path, body := "/notifications/"+id, `{"payment_id":"`+id+`","status":"settled","later":"field"}`
	if answer := call(handler, "GET", path, "", ""); answer.Code != http.StatusNotFound {
		t.Errorf("before it was sent: %d", answer.Code)
	}
	first, again := call(handler, "POST", "/notifications", "k", body), call(handler, "POST", "/notifications", "k", body)
	if first.Code != http.StatusOK || again.Code != http.StatusOK || again.Body.String() != first.Body.String() || sent.Load() != 1 {
		t.Errorf("answered %d %s, then %d %s; sent %d", first.Code, first.Body, again.Code, again.Body, sent.Load())
	}
	other := strings.Replace(body, "settled", "declined", 1)
	if answer := call(handler, "POST", "/notifications", "k", other); answer.Code != http.StatusUnprocessableEntity {
		t.Errorf("another body under the key: %d", answer.Code)
	}
	if answer := call(handler, "GET", path, "", ""); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `"status":"settled"`) {
		t.Errorf("after it was sent: %d %s", answer.Code, answer.Body)
	}
}

func TestWhatIsRefused(t *testing.T) {
	var sent atomic.Int64
	handler, id := routes(NewService(counting(&sent))), uuid.NewString()
	for _, test := range [][2]string{
		{"", `{"payment_id":"` + id + `","status":"settled"}`},
		{"k", `{"status":"settled"}`},
		{"k", `{"payment_id":"` + id + `"}`},
		{"k", `{"payment_id":"` + id + `","status":"4111 1111 1111 1111"}`},
		{"k", `{"payment_id":"seven","status":"settled"}`},
		{"k", `{"payment_id":"` + id + `","status":"settled"}{}`},
		{"k", ``},
	} {
		if answer := call(handler, "POST", "/notifications", test[0], test[1]); answer.Code != http.StatusBadRequest {
			t.Errorf("%v is answered %d %s", test, answer.Code, answer.Body)
		}
	}
	if answer := call(handler, "GET", "/notifications/seven", "", ""); answer.Code != http.StatusNotFound {
		t.Errorf("an id that is none is answered %d", answer.Code)
	}
	if sent.Load() != 0 {
		t.Error("something was sent")
	}
}

func TestWhatFailedMayBeSentAgain(t *testing.T) {
	var calls atomic.Int64
	handler := routes(NewService(sender(func(context.Context, string, Notification) error {
		if calls.Add(1) == 1 {
			return errors.New("the provider is away")
		}
		return nil
	})))
	id := uuid.NewString()
	body := `{"payment_id":"` + id + `","status":"settled"}`
	first, shown, again := call(handler, "POST", "/notifications", "k", body), call(handler, "GET", "/notifications/"+id, "", ""),
		call(handler, "POST", "/notifications", "k", body)
	if shown.Code != http.StatusNotFound {
		t.Errorf("what failed is shown as sent: %s", shown.Body)
	}
	if first.Code != http.StatusServiceUnavailable || first.Header().Get("Retry-After") == "" || again.Code != http.StatusOK {
		t.Errorf("answered %d, then %d", first.Code, again.Code)
	}
}

func TestASenderThatPanicsDoesNotKeepTheKey(t *testing.T) {
	var calls atomic.Int64
	service := NewService(sender(func(context.Context, string, Notification) error {
		if calls.Add(1) == 1 {
			panic("broken")
		}
		return nil
	}))
	notification := Notification{PaymentID: uuid.New(), Status: "settled"}
	func() {
		defer func() { _ = recover() }()
		_ = service.Deliver(t.Context(), "k", notification)
	}()
	if err := service.Deliver(t.Context(), "k", notification); err != nil || calls.Load() != 2 {
		t.Errorf("the second time: %v, %d calls", err, calls.Load())
	}
}

// blocked is a service all of whose senders are busy until finish is called.
func blocked(t *testing.T) (service *Service, finish func()) {
	t.Helper()
	begun, open := make(chan struct{}, Senders), make(chan struct{})
	service = NewService(sender(func(context.Context, string, Notification) error { begun <- struct{}{}; <-open; return nil }))
	var all sync.WaitGroup
	for range Senders {
		all.Go(func() {
			_ = service.Deliver(context.Background(), uuid.NewString(), Notification{PaymentID: uuid.New()})
		})
	}
	for range Senders {
		<-begun
	}
	finish = sync.OnceFunc(func() { close(open); all.Wait() })
	t.Cleanup(finish)
	return service, finish
}

func TestTheBacklogIsWhatWaitsForASender(t *testing.T) {
	service, _ := blocked(t)
	if got := service.Waiting(); got != 0 {
		t.Errorf("%d wait although each has its sender", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 3)
	for range 3 {
		go func() { ended <- service.Deliver(ctx, uuid.NewString(), Notification{PaymentID: uuid.New()}) }()
	}
	for service.Waiting() != 3 {
		select {
		case err := <-ended:
			t.Fatalf("one did not wait: %v", err)
		default:
		}
	}
	cancel()
	for range 3 {
		if err := <-ended; !errors.Is(err, ErrBusy) {
			t.Errorf("a caller that went got %v", err)
		}
	}
	if got := service.Waiting(); got != 0 {
		t.Errorf("%d still wait", got)
	}
}

func TestBeyondTheBoundIsRefusedAtOnce(t *testing.T) {
	service, _ := blocked(t)
	service.waiting.Store(MaxWaiting)
	err := service.Deliver(t.Context(), "k", Notification{PaymentID: uuid.New()})
	service.waiting.Store(0)
	if !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
}

func TestTheSameKeyAtOnceIsSentOnce(t *testing.T) {
	var sent atomic.Int64
	open := make(chan struct{})
	service := NewService(sender(func(context.Context, string, Notification) error { sent.Add(1); <-open; return nil }))
	notification := Notification{PaymentID: uuid.New(), Status: "settled"}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := service.Deliver(t.Context(), "k", notification); err != nil {
				t.Error(err)
			}
		})
	}
	close(open)
	all.Wait()
	if sent.Load() != 1 {
		t.Errorf("it was sent %d times", sent.Load())
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	var sent atomic.Int64
	service := NewService(counting(&sent))
	ids := make([]uuid.UUID, maxKept+10)
	for i := range ids {
		ids[i] = uuid.New()
		if err := service.Deliver(t.Context(), ids[i].String(), Notification{PaymentID: ids[i]}); err != nil {
			t.Fatal(err)
		}
	}
	for i, id := range ids {
		if _, ok := service.Find(id); ok != (i >= 10) {
			t.Fatalf("notification %d is remembered: %t; the ten oldest go", i, ok)
		}
	}
	if len(service.byKey) != maxKept || len(service.byID) != maxKept || len(service.oldest) != maxKept {
		t.Errorf("%d keys, %d payments", len(service.byKey), len(service.byID))
	}
}

func TestTheStandInWritesALine(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewTextHandler(io.Writer(&out), nil))
	if err := (LogSender{log}).Send(t.Context(), "k", Notification{PaymentID: uuid.New(), Status: "settled"}); err != nil || !strings.Contains(out.String(), "settled") {
		t.Errorf("wrote %q, %v", out.String(), err)
	}
}
