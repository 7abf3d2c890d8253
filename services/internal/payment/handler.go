package payment

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/tierform/tierform/services/internal/server"
)

// storeTime is how long a request may wait for the database, its connection
// included; the load balancer's clients wait longer.
const storeTime = 5 * time.Second

// Settlements asks what became of a payment. It gives nil while the payment is
// not settled.
type Settlements interface {
	Settlement(ctx context.Context, id uuid.UUID) (*Settlement, error)
}

// Handler answers the requests of customers.
type Handler struct {
	Store       Store
	Settlements Settlements
	// Created is told of each new payment, once it is kept; it must not block.
	Created func(ctx context.Context, id uuid.UUID)
	Log     *slog.Logger
}

// Routes adds the handler's routes.
func (h *Handler) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /payments", h.create)
	mux.HandleFunc("GET /payments/{id}", h.get)
}

// Answer is the body that answers POST /payments, the same each time.
type Answer struct {
	ID     uuid.UUID `json:"id"`
	Status string    `json:"status"`
}

func (h *Handler) create(w http.ResponseWriter, r *http.Request) {
	key, request, ok := read(w, r)
	if !ok {
		return
	}
	payment, err := New(key, request)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTime)
	defer cancel()
	kept, err := h.Store.Create(ctx, payment)
	switch {
	case err != nil:
		h.fail(w, r, err)
		return
	case kept.Digest != payment.Digest:
		server.Refuse(w, http.StatusUnprocessableEntity, "key_used", "this Idempotency-Key was used for another payment")
		return
	case kept.ID == payment.ID:
		h.Created(r.Context(), kept.ID)
	}
	server.Write(w, http.StatusAccepted, Answer{ID: kept.ID, Status: Accepted})
}

func read(w http.ResponseWriter, r *http.Request) (string, Request, bool) {
	var request Request
	if err := server.Read(w, r, &request); err != nil {
		status := http.StatusBadRequest
		if errors.Is(err, server.ErrTooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		server.Refuse(w, status, "body", err.Error())
		return "", request, false
	}
	key := r.Header.Get("Idempotency-Key")
	if err := Validate(key, request); err != nil {
		word := "invalid"
		if errors.Is(err, ErrCardNumber) {
			word = "card_number"
		}
		server.Refuse(w, http.StatusBadRequest, word, err.Error())
		return "", request, false
	}
	return key, request, true
}

// View is the body that answers GET /payments/{id}. The token is not shown.
type View struct {
	ID                    uuid.UUID   `json:"id"`
	Status                string      `json:"status"`
	Amount                int64       `json:"amount"`
	Currency              string      `json:"currency"`
	Reference             string      `json:"reference"`
	CreatedAt             time.Time   `json:"created_at"`
	Settlement            *Settlement `json:"settlement,omitempty"`
	SettlementUnavailable bool        `json:"settlement_unavailable,omitempty"`
}

func (h *Handler) get(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		server.Refuse(w, http.StatusNotFound, "unknown", ErrUnknown.Error())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTime)
	defer cancel()
	payment, err := h.Store.Find(ctx, id)
	if errors.Is(err, ErrUnknown) {
		server.Refuse(w, http.StatusNotFound, "unknown", ErrUnknown.Error())
		return
	}
	if err != nil {
		h.fail(w, r, err)
		return
	}
	server.Write(w, http.StatusOK, h.view(r.Context(), payment))
}

// view adds the settlement if the service that has it answers in time: a
// background service that is down must not take this one with it.
func (h *Handler) view(ctx context.Context, p Payment) View {
	view := View{
		ID: p.ID, Status: p.Status, CreatedAt: p.CreatedAt.UTC(),
		Amount: p.Request.Amount, Currency: p.Request.Currency, Reference: p.Request.Reference,
	}
	settlement, err := h.Settlements.Settlement(ctx, p.ID)
	view.Settlement, view.SettlementUnavailable = settlement, err != nil
	return view
}

func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	h.Log.ErrorContext(r.Context(), "the request cannot be served now", "error", err)
	server.Unavailable(w, "unavailable", "the payment cannot be served now; send the same request with the same key again")
}
