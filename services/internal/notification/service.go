package notification

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Limits of one task. Callers' Envoys give up after six seconds, so waiting and
// sending together take less.
const (
	Senders    = 16   // notifications that are sent at once
	MaxWaiting = 1000 // beyond the scaling policy's target, so that it scales before this refuses
	maxKept    = 10_000
	sendTime   = 3 * time.Second
	waitTime   = 2500 * time.Millisecond
)

var (
	// ErrBusy is returned when too many wait, or one has waited too long.
	ErrBusy = errors.New("too many notifications wait to be sent")
	// ErrOther is returned when the key was used for another notification.
	ErrOther = errors.New("this Idempotency-Key was used for another notification")

	errAborted = errors.New("sending was broken off")
)

// Sent is a notification that was sent.
type Sent struct {
	Notification
	SentAt time.Time `json:"sent_at"`
}

// Service sends notifications, a bounded number at once. It remembers the last
// ones in memory only: what comes again to the same task is not sent again, to
// another task it is, under the same key.
type Service struct {
	sender  Sender
	slots   chan struct{}
	waiting atomic.Int64

	mu     sync.Mutex
	byKey  map[string]*delivery
	byID   map[uuid.UUID]Sent
	oldest []string // keys of what was sent, in that order
}

// delivery is one notification under way or sent; done is closed at its end.
type delivery struct {
	notification Notification
	done         chan struct{}
	err          error
}

// NewService sends through sender.
func NewService(sender Sender) *Service {
	return &Service{
		sender: sender,
		slots:  make(chan struct{}, Senders),
		byKey:  map[string]*delivery{},
		byID:   map[uuid.UUID]Sent{},
	}
}

// Waiting is how many notifications wait for a sender.
func (s *Service) Waiting() int64 { return s.waiting.Load() }

// Find gives the last notification of a payment that this task sent.
func (s *Service) Find(payment uuid.UUID) (Sent, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent, ok := s.byID[payment]
	return sent, ok
}

// Deliver sends a notification and returns once it is sent. The same key at
// once from two callers sends once; one that failed may be delivered again.
func (s *Service) Deliver(ctx context.Context, key string, notification Notification) error {
	own, first := s.claim(key, notification)
	if own.notification != notification {
		return ErrOther
	}
	if first {
		// Deferred, and not sent until it is: a sender that panics must not keep
		// the key for ever.
		own.err = errAborted
		defer s.finish(key, own)
		own.err = s.send(ctx, key, notification)
		return own.err
	}
	select {
	case <-own.done:
		return own.err
	case <-ctx.Done():
		return fmt.Errorf("wait for the same notification: %w", ctx.Err())
	}
}

func (s *Service) claim(key string, notification Notification) (*delivery, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if earlier, ok := s.byKey[key]; ok {
		return earlier, false
	}
	own := &delivery{notification: notification, done: make(chan struct{})}
	s.byKey[key] = own
	return own, true
}

// finish keeps what was sent, and forgets what failed or is too old.
func (s *Service) finish(key string, own *delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(own.done)
	if own.err != nil {
		delete(s.byKey, key)
		return
	}
	s.byID[own.notification.PaymentID] = Sent{Notification: own.notification, SentAt: time.Now().UTC()}
	if s.oldest = append(s.oldest, key); len(s.oldest) > maxKept {
		forgotten := s.oldest[0]
		s.oldest = s.oldest[1:]
		delete(s.byID, s.byKey[forgotten].notification.PaymentID)
		delete(s.byKey, forgotten)
	}
}

// send waits for one of the senders. A caller that goes while it is being sent
// does not break it off: it would not be known whether it was sent.
func (s *Service) send(ctx context.Context, key string, notification Notification) error {
	if err := s.wait(ctx); err != nil {
		return err
	}
	defer func() { <-s.slots }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	if err := s.sender.Send(ctx, key, notification); err != nil {
		return fmt.Errorf("send the notification: %w", err)
	}
	return nil
}

func (s *Service) wait(ctx context.Context) error {
	select {
	case s.slots <- struct{}{}:
		return nil
	default:
	}
	defer s.waiting.Add(-1)
	if s.waiting.Add(1) > MaxWaiting {
		return ErrBusy
	}
	ctx, cancel := context.WithTimeout(ctx, waitTime)
	defer cancel()
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	}
}
