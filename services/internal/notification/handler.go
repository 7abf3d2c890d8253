package notification

import (
	"errors"
	"log/slog"
	"net/http"
	"regexp"

	"github.com/google/uuid"

	"github.com/tierform/tierform/services/internal/server"
)

// Handler answers the requests of the transaction-processor.
type Handler struct {
	Service *Service
	Log     *slog.Logger
}

// Routes adds the handler's routes.
func (h *Handler) Routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /notifications", h.deliver)
	mux.HandleFunc("GET /notifications/{payment_id}", h.get)
}

var (
	keys     = regexp.MustCompile(`^[!-~]{1,200}$`)
	statuses = regexp.MustCompile(`^[a-z_]{1,40}$`)
)

func (h *Handler) deliver(w http.ResponseWriter, r *http.Request) {
	var notification Notification
	if err := server.ReadTolerant(w, r, &notification); err != nil {
		server.Refuse(w, http.StatusBadRequest, "body", err.Error())
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if !keys.MatchString(key) || !statuses.MatchString(notification.Status) || notification.PaymentID == uuid.Nil {
		server.Refuse(w, http.StatusBadRequest, "invalid", "the header Idempotency-Key, payment_id and status are needed")
		return
	}
	switch err := h.Service.Deliver(r.Context(), key, notification); {
	case errors.Is(err, ErrOther):
		server.Refuse(w, http.StatusUnprocessableEntity, "key_used", ErrOther.Error())
	case err != nil:
		h.Log.WarnContext(r.Context(), "a notification was not sent", "payment_id", notification.PaymentID.String(), "error", err)
		server.Unavailable(w, "unavailable", "the notification was not sent; send it with the same key again")
	default:
		server.Write(w, http.StatusOK, map[string]string{"payment_id": notification.PaymentID.String(), "status": "sent"})
	}
}

func (h *Handler) get(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.PathValue("payment_id"))
	if err == nil {
		if sent, ok := h.Service.Find(id); ok {
			server.Write(w, http.StatusOK, sent)
			return
		}
	}
	server.Refuse(w, http.StatusNotFound, "unknown", "this task has not sent a notification of such a payment lately")
}
