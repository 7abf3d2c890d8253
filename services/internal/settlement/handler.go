package settlement

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/google/uuid"

	"github.com/tierform/tierform/services/internal/server"
)

// Handler answers the requests of other services.
type Handler struct {
	// Settle works on the payment's row of the outbox, if it can be had now.
	Settle func(ctx context.Context, payment uuid.UUID) (bool, error)
	// Find reads a settlement; ErrNone when there is none.
	Find func(ctx context.Context, payment uuid.UUID) (Settlement, error)
	Log  *slog.Logger
}

// Routes adds the handler's routes.
func (h *Handler) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /transactions", h.settle)
	mux.HandleFunc("GET /transactions/{payment_id}", h.get)
}

// settle settles a payment now. 202 says that it is not settled yet, but in the outbox: unknown payments get it as well,
// since whoever asks has just written one.
func (h *Handler) settle(w http.ResponseWriter, r *http.Request) {
	var body struct {
		PaymentID uuid.UUID `json:"payment_id"`
	}
	if err := server.ReadTolerant(w, r, &body); err != nil || body.PaymentID == uuid.Nil {
		server.Refuse(w, http.StatusBadRequest, "body", "payment_id is needed")
		return
	}
	if _, err := h.Settle(r.Context(), body.PaymentID); err != nil {
		h.unavailable(w, r, err)
		return
	}
	found, err := h.Find(r.Context(), body.PaymentID)
	switch {
	case errors.Is(err, ErrNone):
		server.Write(w, http.StatusAccepted, map[string]string{"payment_id": body.PaymentID.String(), "status": "pending"})
	case err != nil:
		h.unavailable(w, r, err)
	default:
		server.Write(w, http.StatusOK, found)
	}
}

func (h *Handler) get(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("payment_id"))
	if err != nil {
		server.Refuse(w, http.StatusNotFound, "none", "this payment is not settled")
		return
	}
	found, err := h.Find(r.Context(), id)
	switch {
	case errors.Is(err, ErrNone):
		server.Refuse(w, http.StatusNotFound, "none", "this payment is not settled")
	case err != nil:
		h.unavailable(w, r, err)
	default:
		server.Write(w, http.StatusOK, found)
	}
}

func (h *Handler) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	h.Log.ErrorContext(r.Context(), "the database did not answer", "error", err)
	server.Unavailable(w, "unavailable", "settlements cannot be reached now; ask again")
}
