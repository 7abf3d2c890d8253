package payment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/tierform/tierform/services/internal/logging"
	"github.com/tierform/tierform/services/internal/server"
	"github.com/tierform/tierform/services/internal/telemetry"
)

const good = `{"amount":1999,"currency":"EUR","card_token":"tok_1a2B","reference":"order 7"}`

type settlements func() (*Settlement, error)

func (s settlements) Settlement(context.Context, uuid.UUID) (*Settlement, error) { return s() }

// service is the handler as the program runs it, with its log.
type service struct {
	http.Handler
	store   *memory
	created atomic.Int64
	log     bytes.Buffer
}

func newService(settled settlements) *service {
	s := &service{store: &memory{payments: map[string]Payment{}}}
	log := logging.New(logging.Output(&s.log), "payment-api", "one")
	handler := &Handler{Store: s.store, Settlements: settled, Log: log, Created: func(context.Context, uuid.UUID) { s.created.Add(1) }}
	routes := http.NewServeMux()
	handler.Routes(routes)
	s.Handler = server.Handler(routes, telemetry.Disabled(), log)
	return s
}

func (s *service) post(key, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/payments", strings.NewReader(body))
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, request)
	return answer
}

func (s *service) get(id string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/payments/"+id, nil))
	return answer
}

func TestTheSameKeyGivesTheSameAnswer(t *testing.T) {
	s := newService(nil)
	first, again := s.post("k", good), s.post("k", strings.ReplaceAll(good, ",", " ,\n"))
	if first.Code != http.StatusAccepted || first.Body.String() != again.Body.String() || again.Code != first.Code {
		t.Errorf("first %d %s, again %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if other := s.post("k", strings.Replace(good, "1999", "2000", 1)); other.Code != http.StatusUnprocessableEntity {
		t.Errorf("another body is answered %d %s", other.Code, other.Body)
	}
	if next := s.post("l", good); next.Body.String() == first.Body.String() {
		t.Error("two keys gave one payment")
	}
	if got := s.created.Load(); got != 2 {
		t.Errorf("%d payments were handed over, want 2", got)
	}
}

func TestTheSameKeyAtOnceGivesOnePayment(t *testing.T) {
	s := newService(nil)
	var all sync.WaitGroup
	answers := make([]string, 50)
	for i := range answers {
		all.Go(func() { answers[i] = s.post("k", good).Body.String() })
	}
	all.Wait()
	for _, answer := range answers {
		if answer != answers[0] {
			t.Errorf("answers differ: %s and %s", answers[0], answer)
		}
	}
	if len(s.store.payments) != 1 || s.created.Load() != 1 {
		t.Errorf("%d payments, %d handed over", len(s.store.payments), s.created.Load())
	}
}

func TestWhatIsRefused(t *testing.T) {
	with := func(old, replacement string) string { return strings.Replace(good, old, replacement, 1) }
	for name, test := range map[string]struct {
		key, body string
		status    int
		word      string
	}{
		"no key":               {"", good, 400, "invalid"},
		"long key":             {strings.Repeat("k", 201), good, 400, "invalid"},
		"no body":              {"k", "", 400, "body"},
		"unknown field":        {"k", with(`"amount"`, `"pan":"4111111111111111","amount"`), 400, "body"},
		"amount zero":          {"k", with("1999", "0"), 400, "invalid"},
		"amount below":         {"k", with("1999", "-1"), 400, "invalid"},
		"amount text":          {"k", with("1999", `"1999"`), 400, "body"},
		"amount fraction":      {"k", with("1999", "19.99"), 400, "body"},
		"card as amount":       {"k", with("1999", "4111111111111111"), 400, "invalid"},
		"currency":             {"k", with("EUR", "euro"), 400, "invalid"},
		"token":                {"k", with("tok_1a2B", "1a2B"), 400, "invalid"},
		"no reference":         {"k", with("order 7", ""), 400, "invalid"},
		"zero byte":            {"k", with("order 7", `a\u0000b`), 400, "invalid"},
		"long reference":       {"k", with("order 7", strings.Repeat("ä", 141)), 400, "invalid"},
		"card as token":        {"k", with("tok_1a2B", "4111111111111111"), 400, "card_number"},
		"card in token":        {"k", with("tok_1a2B", "tok_4111111111111111"), 400, "card_number"},
		"card in reference":    {"k", with("order 7", "paid 4111 1111 1111 1111"), 400, "card_number"},
		"escaped in reference": {"k", with("order 7", `\u0034111111111111111`), 400, "card_number"},
		"card as currency":     {"k", with("EUR", "4111-1111-1111-1111"), 400, "card_number"},
		"card as key":          {"4111111111111111", good, 400, "card_number"},
		"large":                {"k", with("order 7", strings.Repeat("x", server.MaxBody)), 413, "body"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(nil)
			answer := s.post(test.key, test.body)
			var problem server.Problem
			if err := json.Unmarshal(answer.Body.Bytes(), &problem); err != nil || answer.Code != test.status || problem.Error != test.word {
				t.Errorf("answered %d %s", answer.Code, answer.Body)
			}
			if all := s.log.String() + answer.Body.String(); strings.Contains(all, "4111") || strings.Contains(all, "1111") {
				t.Errorf("card data is in the log or the answer: %s", all)
			}
			if len(s.store.payments) != 0 {
				t.Error("the payment was kept")
			}
		})
	}
}

func TestWhatIsJustWithinTheBoundsIsTaken(t *testing.T) {
	for name, test := range map[string]struct{ key, body string }{
		"longest key":       {strings.Repeat("k", 200), good},
		"least amount":      {"k", strings.Replace(good, "1999", "1", 1)},
		"greatest amount":   {"k", strings.Replace(good, "1999", "9999999999", 1)},
		"longest reference": {"k", strings.Replace(good, "order 7", strings.Repeat("ä", 140), 1)},
		"longest token":     {"k", strings.Replace(good, "1a2B", strings.Repeat("x", 200), 1)},
	} {
		if answer := newService(nil).post(test.key, test.body); answer.Code != http.StatusAccepted {
			t.Errorf("%s is answered %d %s", name, answer.Code, answer.Body)
		}
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := Validate("", Request{})
	for _, field := range []string{"Idempotency-Key", "amount", "currency", "card_token", "reference"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in: %v", field, err)
		}
	}
}

func TestUUIDsAreKeysHoweverTheirDigitsFall(t *testing.T) {
	if answer := newService(nil).post("41111111-1111-4111-8aaa-0123456789ab", good); answer.Code != http.StatusAccepted {
		t.Errorf("answered %d %s", answer.Code, answer.Body)
	}
}

func TestAPaymentIsShownWithItsSettlement(t *testing.T) {
	for name, test := range map[string]struct {
		settled *Settlement
		err     error
		want    map[string]any
	}{
		"settled": {&Settlement{"settled", "n1", time.Unix(1_700_000_001, 0).UTC()}, nil, map[string]any{
			"settlement": map[string]any{"status": "settled", "network_reference": "n1", "settled_at": "2023-11-14T22:13:21Z"}}},
		"not settled yet":           {nil, nil, map[string]any{}},
		"processor does not answer": {nil, errors.New("down"), map[string]any{"settlement_unavailable": true}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(func() (*Settlement, error) { return test.settled, test.err })
			var made Answer
			if err := json.Unmarshal(s.post("k", good).Body.Bytes(), &made); err != nil {
				t.Fatal(err)
			}
			answer := s.get(made.ID.String())
			var got map[string]any
			if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || answer.Code != http.StatusOK {
				t.Fatalf("answered %d %s", answer.Code, answer.Body)
			}
			for field, value := range map[string]any{"id": made.ID.String(), "status": "accepted", "amount": 1999.0, "currency": "EUR",
				"reference": "order 7", "created_at": "2023-11-14T22:13:20Z"} {
				test.want[field] = value
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPaymentThatDoesNotExist(t *testing.T) {
	s := newService(nil)
	for _, id := range []string{uuid.NewString(), "7", "4111111111111111"} {
		if answer := s.get(id); answer.Code != http.StatusNotFound || !json.Valid(answer.Body.Bytes()) ||
			strings.Contains(answer.Body.String()+s.log.String(), "4111") {
			t.Errorf("%s is answered %d %s", id, answer.Code, answer.Body)
		}
	}
}

func TestADatabaseThatIsAwayIsToldAsSuch(t *testing.T) {
	s := newService(nil)
	s.store.err = errors.New("connection refused")
	for _, answer := range []*httptest.ResponseRecorder{s.post("k", good), s.get(uuid.NewString())} {
		var problem server.Problem
		if err := json.Unmarshal(answer.Body.Bytes(), &problem); err != nil || problem.Error != "unavailable" || strings.Contains(problem.Message, "refused") ||
			answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
			t.Errorf("answered %d %v %s", answer.Code, answer.Header(), answer.Body)
		}
	}
	if strings.Count(s.log.String(), "connection refused") != 2 || s.created.Load() != 0 {
		t.Errorf("the log is %s", s.log.String())
	}
}
