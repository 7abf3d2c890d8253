package notification

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestACallerThatGoesDoesNotBreakSendingOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	service := NewService(sender(func(sending context.Context, _ string, _ Notification) error {
		cancel()
		if until, ok := sending.Deadline(); !ok || time.Until(until) > 3*time.Second {
			t.Error("sending may take longer than the caller waits")
		}
		return sending.Err()
	}))
	if err := service.Deliver(ctx, "k", Notification{PaymentID: uuid.New()}); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestACallerNeedNotWaitForTheSameNotification(t *testing.T) {
	begun, open := make(chan struct{}), make(chan struct{})
	service := NewService(sender(func(context.Context, string, Notification) error { close(begun); <-open; return nil }))
	notification, first := Notification{PaymentID: uuid.New(), Status: "settled"}, make(chan error)
	go func() { first <- service.Deliver(context.Background(), "k", notification) }()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := service.Deliver(ctx, "k", notification); !errors.Is(err, context.Canceled) {
		t.Errorf("the second caller got %v", err)
	}
	other := notification
	other.Status = "declined"
	if err := service.Deliver(ctx, "k", other); !errors.Is(err, ErrOther) {
		t.Errorf("another notification under the key gives %v", err)
	}
	close(open)
	if err := <-first; err != nil {
		t.Errorf("the first caller got %v", err)
	}
}

func TestWhatWasNotSentIsToldInTheLog(t *testing.T) {
	var log strings.Builder
	service := NewService(sender(func(context.Context, string, Notification) error { return errors.New("the provider is away") }))
	mux, id := http.NewServeMux(), uuid.NewString()
	(&Handler{Service: service, Log: slog.New(slog.NewTextHandler(&log, nil))}).Routes(mux)
	call(mux, "POST", "/notifications", "k", `{"payment_id":"`+id+`","status":"settled"}`)
	if text := log.String(); !strings.Contains(text, id) || !strings.Contains(text, "the provider is away") {
		t.Errorf("the log is %s", text)
	}
}
